-- Comments: their JSON, and how they are written.

-- A comment as the API shows it, to a reader who sees it. may_read_text() says whether the text is there; a comment of
-- somebody whom the reader has blocked is `blocked`. The counts are what this reader sees; `reader_id` is null for an event.
--
-- `has_blocks` says whether the reader blocks anybody: asking for each comment of a tree took a sixth of its time. The vote is
-- read in a statement of its own, because Postgres planned the join anew each time.
CREATE OR REPLACE FUNCTION comment_view(comment comments, reader_id uuid, is_moderator boolean, has_blocks boolean)
RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    is_blocked  boolean := false;
    is_readable boolean;
    author      json;
    my_vote     smallint;
    is_counted  boolean;
    ups         integer := comment.ups;
    downs       integer := comment.downs;
    score       integer := comment.score;
    reply_count integer := comment.reply_count;
    view        json;
    by_new      new_account_votes;
BEGIN
    SELECT json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name, 'avatar', u.avatar) INTO author
    FROM users u WHERE u.id = comment.author_id;
    IF reader_id IS NOT NULL THEN
        SELECT v.value, v.counted INTO my_vote, is_counted
        FROM votes v WHERE v.target_id = comment.id AND v.user_id = reader_id;
        is_blocked := has_blocks AND has_blocked(reader_id, comment.author_id);
        IF NOT is_counted THEN -- the voter sees it as if it were counted
            ups := ups + (my_vote = 1)::integer;
            downs := downs + (my_vote = -1)::integer;
            score := score + my_vote;
        END IF;
        IF comment.withheld_reply_count > 0 THEN
            reply_count := reply_count + seen_withheld_replies(comment.post_id, comment.id, comment.withheld_reply_count,
                                                               reader_id, is_moderator);
        END IF;
    END IF;
    is_readable := may_read_text(comment.deleted_at, comment.removed_at, comment.author_id, reader_id, is_moderator,
                                 is_blocked);
    view := json_build_object(
        'id', comment.id, 'post_id', comment.post_id, 'parent_id', nullif(comment.parent_id, comment.post_id),
        'depth', cardinality(comment.path), 'author', author, 'body', CASE WHEN is_readable THEN comment.body ELSE '' END,
        'body_html', CASE WHEN is_readable THEN comment.body_html ELSE '' END,
        'mentions', to_json(CASE WHEN is_readable THEN comment.mentions ELSE '{}' END),
        'mentions_everyone', CASE WHEN is_readable THEN comment.mentions_everyone END,
        'attachments', CASE WHEN is_readable AND comment.attachments <> '[]' THEN attachments_json(comment.attachments)
                       ELSE '[]' END,
        'previews', CASE WHEN is_readable THEN comment.previews ELSE '[]' END,
        'score', score, 'ups', ups, 'downs', downs, 'my_vote', coalesce(my_vote, 0),
        'blocked', is_blocked, 'reply_count', reply_count,
        'version', comment.version, 'created_at', rfc3339(comment.created_at), 'edited_at', rfc3339(comment.edited_at),
        'deleted_at', rfc3339(comment.deleted_at), 'removed_at', rfc3339(comment.removed_at),
        'withheld', withheld_mark(comment.withheld, comment.author_id = reader_id, is_moderator),
        'removal_reason', CASE WHEN comment.removed_at IS NOT NULL AND (is_moderator OR comment.author_id = reader_id)
                               THEN removal_reason(comment.id) END);
    IF is_moderator THEN
        SELECT * INTO by_new FROM new_account_votes n WHERE n.target_id = comment.id;
        RETURN with_new_account_votes(view, by_new.ups, by_new.downs);
    END IF;
    RETURN view;
END $$;

CREATE OR REPLACE FUNCTION comment_json(comment comments, reader_id uuid, is_moderator boolean) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN comment_view(comment, reader_id, is_moderator, reader_id IS NOT NULL AND blocks_anybody(reader_id));
END $$;

-- A comment for an event, which is the same for all its readers.
CREATE OR REPLACE FUNCTION comment_event_json(comment comments) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN comment_view(comment, NULL, false, false)::jsonb - '{my_vote,blocked}'::text[];
END $$;

-- Counts a comment, which is in the tree, where it stands, or takes it out of the counts (-1). The caller has locked the stream
-- of the post.
CREATE OR REPLACE FUNCTION count_comment(comment comments, delta integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    shown_delta    integer := CASE WHEN comment.withheld IS NULL THEN delta ELSE 0 END;
    withheld_delta integer := CASE WHEN comment.withheld IS NULL THEN 0 ELSE delta END;
    is_hidden      boolean := comment.withheld IS NOT NULL OR comment.below_withheld;
    is_top         boolean := comment.parent_id = comment.post_id;
BEGIN
    UPDATE comments c
    SET reply_count = c.reply_count + shown_delta, withheld_reply_count = c.withheld_reply_count + withheld_delta
    WHERE NOT is_top AND c.id = comment.parent_id;
    UPDATE post_counts k
    SET comment_count = k.comment_count + CASE WHEN is_hidden THEN 0 ELSE delta END,
        hidden_comment_count = k.hidden_comment_count + CASE WHEN is_hidden THEN delta ELSE 0 END,
        reply_count = k.reply_count + CASE WHEN is_top THEN shown_delta ELSE 0 END,
        withheld_reply_count = k.withheld_reply_count + CASE WHEN is_top THEN withheld_delta ELSE 0 END
    WHERE k.post_id = comment.post_id;
END $$;

-- Writes a comment and counts it. The caller has locked the stream of the post and checked access. `parent_id` is null if the
-- comment answers the post.
--
-- `comment` is as in events. `reply_count` is that of the parent comment (null without one), `comment_count` that of the
-- post; both are null if the comment is hidden from other readers.
CREATE OR REPLACE FUNCTION write_comment(
    comment_id uuid, post_id uuid, parent_id uuid, author_id uuid, body text, body_html text, withheld text,
    now_at timestamptz, names text[] DEFAULT '{}', broadcast text DEFAULT NULL, attachments jsonb DEFAULT '[]',
    OUT comment jsonb, OUT reply_count integer, OUT comment_count integer
) LANGUAGE plpgsql AS $$
DECLARE
    parent  comments;
    written comments;
BEGIN
    SELECT * INTO parent FROM comments c WHERE c.id = write_comment.parent_id;
    INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, mentions, mentions_everyone, attachments,
                          withheld, below_withheld, created_at)
    VALUES (comment_id, post_id, coalesce(parent_id, post_id),
            CASE WHEN parent_id IS NULL THEN '{}' ELSE parent.path || parent_id END,
            author_id, body, body_html,
            mentioned_readers((SELECT p.forum_id FROM posts p WHERE p.id = write_comment.post_id), author_id, names), broadcast,
            attachments, withheld, coalesce(parent.withheld IS NOT NULL OR parent.below_withheld, false), now_at)
    RETURNING * INTO written;
    PERFORM rank_comment(written.id, written.parent_id, 0, 0);
    PERFORM count_comment(written, 1);
    IF written.withheld IS NULL AND NOT written.below_withheld THEN
        SELECT * INTO reply_count, comment_count FROM counts_above(written);
        UPDATE forums f SET active_at = now_at
        WHERE f.id = (SELECT p.forum_id FROM posts p WHERE p.id = write_comment.post_id)
          AND f.active_at < now_at - interval '1 minute';
    END IF;
    comment := comment_event_json(written);
END $$;

-- Of the parent comment, null without one, and of the post, as every reader sees them.
CREATE OR REPLACE FUNCTION counts_above(comment comments, OUT reply_count integer, OUT comment_count integer)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT c.reply_count INTO reply_count FROM comments c WHERE c.id = comment.parent_id;
    SELECT k.comment_count INTO comment_count FROM post_counts k WHERE k.post_id = comment.post_id;
END $$;

-- Shows a withheld comment to all readers from now on, and counts it, with what is below it. The caller has locked the stream
-- of the post. Returns what write_comment() returns; the counts are null if the comment was not withheld, or is below another
-- one that is.
CREATE OR REPLACE FUNCTION publish_comment(
    comment_id uuid, OUT comment jsonb, OUT reply_count integer, OUT comment_count integer
) LANGUAGE plpgsql AS $$
DECLARE
    published comments;
    below     comments;
BEGIN
    SELECT * INTO published FROM comments c WHERE c.id = comment_id AND c.withheld IS NOT NULL;
    IF FOUND THEN
        IF published.pruned_at IS NULL THEN
            PERFORM count_comment(published, -1);
        END IF;
        UPDATE comments c SET withheld = NULL WHERE c.id = comment_id RETURNING * INTO published;
        IF published.pruned_at IS NULL THEN
            PERFORM count_comment(published, 1);
        END IF;
        FOR below IN SELECT * FROM comments c
                     WHERE c.post_id = published.post_id AND c.below_withheld AND comment_id = ANY (c.path) LOOP
            PERFORM show_below(below);
        END LOOP;
        IF NOT published.below_withheld THEN
            SELECT * INTO reply_count, comment_count FROM counts_above(published);
        END IF;
    END IF;
    comment := (SELECT comment_event_json(c) FROM comments c WHERE c.id = comment_id);
END $$;

-- Ends the hiding of a comment below a withheld one, if no other ancestor is withheld.
CREATE OR REPLACE FUNCTION show_below(comment comments) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM comments above WHERE above.post_id = comment.post_id AND above.withheld IS NOT NULL
                                            AND above.id = ANY (comment.path)) THEN
        RETURN;
    END IF;
    UPDATE comments c SET below_withheld = false WHERE c.id = comment.id;
    IF comment.pruned_at IS NULL AND comment.withheld IS NULL THEN
        UPDATE post_counts k
        SET comment_count = k.comment_count + 1, hidden_comment_count = k.hidden_comment_count - 1
        WHERE k.post_id = comment.post_id;
    END IF;
END $$;
