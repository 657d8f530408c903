-- Deleted and removed comments without replies leave the tree after a day.

-- Takes a comment out of the tree, if it is due and nothing hangs below it, and then the ones above it for which that is true
-- by now. The caller has locked the stream of the post. Returns those that other readers saw.
CREATE OR REPLACE FUNCTION prune_comment(comment_id uuid, now_at timestamptz) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
    comment comments;
    seen    uuid[] := '{}';
BEGIN
    LOOP
        SELECT * INTO comment FROM comments c
        WHERE c.id = comment_id AND c.pruned_at IS NULL AND c.reply_count = 0 AND c.withheld_reply_count = 0
          AND least(c.deleted_at, c.removed_at) <= now_at - interval '1 day';
        EXIT WHEN NOT FOUND;
        UPDATE comments c SET pruned_at = now_at WHERE c.id = comment_id;
        DELETE FROM comment_ranks r WHERE r.comment_id = prune_comment.comment_id;
        PERFORM count_comment(comment, -1);
        IF comment.withheld IS NULL AND NOT comment.below_withheld THEN
            seen := seen || comment.id;
        END IF;
        comment_id := comment.parent_id;
    END LOOP;
    RETURN seen;
END $$;

-- The posts under which comments are due, at most `page_size`.
CREATE OR REPLACE FUNCTION posts_to_prune(now_at timestamptz, page_size integer) RETURNS SETOF uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT c.post_id
    FROM (SELECT p.comment_id FROM comment_prunings p WHERE p.due_at <= now_at ORDER BY p.due_at, p.comment_id
          LIMIT page_size) AS due
    JOIN comments c ON c.id = due.comment_id;
END $$;

-- Prunes what is due under a post, whose stream the caller has locked, and returns what an event says of it: the comments that
-- left the tree, the replies of their parents that are still there, and the comments of the post.
CREATE OR REPLACE FUNCTION prune_comments(
    post_id uuid, now_at timestamptz, OUT comment_ids uuid[], OUT parents json, OUT comment_count integer
) LANGUAGE plpgsql AS $$
DECLARE
    due_id uuid;
BEGIN
    comment_ids := '{}';
    FOR due_id IN
        DELETE FROM comment_prunings p USING comments c
        WHERE p.due_at <= now_at AND c.id = p.comment_id AND c.post_id = prune_comments.post_id
        RETURNING p.comment_id
    LOOP
        comment_ids := comment_ids || prune_comment(due_id, now_at);
    END LOOP;
    SELECT coalesce(json_agg(json_build_object('id', above.id, 'reply_count', above.reply_count)), '[]') INTO parents
    FROM comments above
    WHERE above.pruned_at IS NULL
      AND above.id IN (SELECT c.parent_id FROM comments c WHERE c.id = ANY (comment_ids));
    SELECT k.comment_count INTO comment_count FROM post_counts k WHERE k.post_id = prune_comments.post_id;
END $$;

-- Puts a restored comment back into the tree, with those above it that left the tree too.
CREATE OR REPLACE FUNCTION return_to_tree(comment_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    comment comments;
BEGIN
    FOR comment IN
        SELECT c.* FROM comments c
        WHERE c.pruned_at IS NOT NULL
          AND (c.id = comment_id OR c.id = ANY ((SELECT below.path FROM comments below WHERE below.id = comment_id)::uuid[]))
    LOOP
        UPDATE comments c SET pruned_at = NULL WHERE c.id = comment.id;
        PERFORM rank_comment(comment.id, comment.parent_id, comment.ups, comment.downs);
        PERFORM count_comment(comment, 1);
    END LOOP;
END $$;
