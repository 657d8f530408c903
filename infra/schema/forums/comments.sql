-- Comments: their JSON, and how they are written.

-- A comment as the API shows it. The text of a deleted comment is empty, and that of a removed one too, except for
-- moderators, who may have to restore it. With a reader it has `my_vote`; an event is the same for all its readers
-- (`reader_id` null) and has none.
CREATE OR REPLACE FUNCTION comment_json(comment comments, reader_id uuid, is_moderator boolean) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
    is_hidden boolean := comment.deleted_at IS NOT NULL OR (comment.removed_at IS NOT NULL AND NOT is_moderator);
    author    json;
    my_vote   smallint;
BEGIN
    SELECT json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name) INTO author
    FROM users u WHERE u.id = comment.author_id;
    IF reader_id IS NULL THEN
        RETURN json_build_object(
            'id', comment.id, 'post_id', comment.post_id, 'parent_id', nullif(comment.parent_id, comment.post_id),
            'depth', cardinality(comment.path), 'author', author, 'body', CASE WHEN is_hidden THEN '' ELSE comment.body END,
            'body_html', CASE WHEN is_hidden THEN '' ELSE comment.body_html END, 'score', comment.score,
            'ups', comment.ups, 'downs', comment.downs, 'reply_count', comment.reply_count, 'version', comment.version,
            'created_at', rfc3339(comment.created_at), 'edited_at', rfc3339(comment.edited_at),
            'deleted_at', rfc3339(comment.deleted_at), 'removed_at', rfc3339(comment.removed_at),
            'withheld', NULL, 'removal_reason', NULL);
    END IF;
    SELECT v.value INTO my_vote FROM votes v WHERE v.target_id = comment.id AND v.user_id = reader_id;
    RETURN json_build_object(
        'id', comment.id, 'post_id', comment.post_id, 'parent_id', nullif(comment.parent_id, comment.post_id),
        'depth', cardinality(comment.path), 'author', author, 'body', CASE WHEN is_hidden THEN '' ELSE comment.body END,
        'body_html', CASE WHEN is_hidden THEN '' ELSE comment.body_html END, 'score', comment.score, 'ups', comment.ups,
        'downs', comment.downs, 'my_vote', coalesce(my_vote, 0), 'reply_count', comment.reply_count,
        'version', comment.version, 'created_at', rfc3339(comment.created_at), 'edited_at', rfc3339(comment.edited_at),
        'deleted_at', rfc3339(comment.deleted_at), 'removed_at', rfc3339(comment.removed_at),
        'withheld', withheld_mark(comment.withheld, comment.author_id = reader_id, is_moderator),
        'removal_reason', CASE WHEN comment.removed_at IS NOT NULL AND (is_moderator OR comment.author_id = reader_id)
                               THEN removal_reason(comment.id) END);
END $$;

-- Writes a comment and counts it. The caller has locked the stream of the post and checked access. `parent_id` is null if the
-- comment answers the post.
--
-- `comment` is as in events. `reply_count` is that of the parent comment (null without one), `comment_count` that of the
-- post; both are null if the comment is withheld.
CREATE OR REPLACE FUNCTION write_comment(
    comment_id uuid, post_id uuid, parent_id uuid, author_id uuid, body text, body_html text, withheld text,
    now_at timestamptz, OUT comment json, OUT reply_count integer, OUT comment_count integer
) LANGUAGE plpgsql AS $$
DECLARE
    parent  comments;
    written comments;
BEGIN
    SELECT * INTO parent FROM comments c WHERE c.id = write_comment.parent_id;
    INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, withheld, created_at)
    VALUES (comment_id, post_id, coalesce(parent_id, post_id),
            CASE WHEN parent_id IS NULL THEN '{}' ELSE parent.path || parent_id END,
            author_id, body, body_html, withheld, now_at)
    RETURNING * INTO written;
    PERFORM rank_comment(written.id, written.parent_id, 0, 0);
    IF withheld IS NULL THEN
        UPDATE comments c SET reply_count = c.reply_count + 1
        WHERE c.id = write_comment.parent_id RETURNING c.reply_count INTO reply_count;
        UPDATE post_counts k
        SET comment_count = k.comment_count + 1, reply_count = k.reply_count + (parent_id IS NULL)::integer
        WHERE k.post_id = write_comment.post_id RETURNING k.comment_count INTO comment_count;
        UPDATE forums f SET active_at = now_at
        WHERE f.id = (SELECT p.forum_id FROM posts p WHERE p.id = write_comment.post_id)
          AND f.active_at < now_at - interval '1 minute';
    END IF;
    comment := comment_json(written, NULL, false);
END $$;

-- Shows a withheld comment to all readers from now on, and counts it. The caller has locked the stream of the post. Returns
-- what write_comment() returns; the counts are null if the comment was not withheld.
CREATE OR REPLACE FUNCTION publish_comment(
    comment_id uuid, OUT comment json, OUT reply_count integer, OUT comment_count integer
) LANGUAGE plpgsql AS $$
DECLARE
    published comments;
BEGIN
    UPDATE comments c SET withheld = NULL WHERE c.id = comment_id AND c.withheld IS NOT NULL RETURNING * INTO published;
    IF FOUND THEN
        UPDATE comments c SET reply_count = c.reply_count + 1
        WHERE c.id = published.parent_id RETURNING c.reply_count INTO reply_count;
        UPDATE post_counts k
        SET comment_count = k.comment_count + 1,
            reply_count = k.reply_count + (published.parent_id = published.post_id)::integer
        WHERE k.post_id = published.post_id RETURNING k.comment_count INTO comment_count;
    END IF;
    comment := (SELECT comment_json(c, NULL, false) FROM comments c WHERE c.id = comment_id);
END $$;
