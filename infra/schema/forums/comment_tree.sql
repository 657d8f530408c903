-- The comments of a post as a tree, read in pages of each level.

-- The replies to a post or a comment after a position in the order `sort`. By rank, the ranks are the versions of `ranks_at`.
CREATE OR REPLACE FUNCTION list_replies(
    parent_id uuid, sort text, ranks_at timestamptz, after_rank double precision, after_id uuid, page_size integer
) RETURNS TABLE (rank double precision, comment comments) LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF sort = 'best' THEN
        RETURN QUERY
            SELECT r.best, c
            FROM comment_ranks r JOIN comments c ON c.id = r.comment_id
            WHERE r.parent_id = list_replies.parent_id AND (r.best, r.comment_id) < (after_rank, after_id)
              AND r.since <= ranks_at AND r.until > ranks_at
            ORDER BY r.best DESC, r.comment_id DESC
            LIMIT page_size;
    ELSIF sort = 'new' THEN
        RETURN QUERY
            SELECT 0::double precision, c FROM comments c
            WHERE c.parent_id = list_replies.parent_id AND c.id < after_id ORDER BY c.id DESC LIMIT page_size;
    ELSE
        RETURN QUERY
            SELECT 0::double precision, c FROM comments c
            WHERE c.parent_id = list_replies.parent_id AND c.id > after_id ORDER BY c.id LIMIT page_size;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION has_replies(comment_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM comments c WHERE c.parent_id = comment_id);
END $$;

-- The cursor with which a level goes on; position_of() of cgraph.forums.comments.tree.rules reads it.
CREATE OR REPLACE FUNCTION level_cursor(
    parent_id uuid, sort text, rank_epoch bigint, after_rank double precision, after_id uuid, seen_count integer
) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode_cursor('comments:' || parent_id || ':' || sort,
                         format('[%s,"%s","%s",%s]', rank_epoch, after_rank, after_id, seen_count))
$$;

CREATE OR REPLACE FUNCTION level_json(items text[], remaining integer, next_cursor text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '{"items":[' || array_to_string(items, ',') || '],"more":' || remaining || ',"next":'
        || coalesce('"' || next_cursor || '"', 'null') || '}'
$$;

-- One level of the tree, and `levels` levels below it with three replies to each comment.
--
-- Each level says how many more comments there are (`total_count` less the `seen_count` of this page and the ones before) and
-- has the cursor of its next page. `budget` is how many characters the page may still take: a level ends when it is used
-- up, and goes on with its own cursor. If the reader sees withheld comments (`sees_hidden`), a comment is asked for replies
-- even if its count is 0.
CREATE OR REPLACE FUNCTION comment_level(
    parent_id uuid, total_count integer, seen_count integer, sort text, ranks_at timestamptz, after_rank double precision,
    after_id uuid, page_size integer, levels integer, reader_id uuid, role text, sees_hidden boolean,
    INOUT budget integer, OUT level text
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    first_id   constant uuid := CASE WHEN sort = 'old' THEN '00000000-0000-0000-0000-000000000000'
                                     ELSE 'ffffffff-ffff-ffff-ffff-ffffffffffff' END;
    rank_epoch constant bigint := CASE WHEN sort = 'best' THEN extract(epoch FROM ranks_at) ELSE 0 END;
    items      text[] := '{}';
    read_count integer := 0;
    is_cut     boolean := false;
    reply      record;
    comment    comments;
    replies    text;
    item       text;
BEGIN
    FOR reply IN SELECT * FROM list_replies(parent_id, sort, ranks_at, after_rank, after_id, page_size + 1) LOOP
        is_cut := read_count >= page_size OR (budget <= 0 AND read_count > 0);
        EXIT WHEN is_cut;
        comment := reply.comment;
        read_count := read_count + 1;
        after_rank := reply.rank;
        after_id := comment.id;
        CONTINUE WHEN comment.withheld IS NOT NULL AND NOT sees_withheld(comment.author_id, reader_id, role);
        seen_count := seen_count + (comment.withheld IS NULL)::integer;
        item := comment_json(comment, reader_id, role IN ('owner', 'moderator'));
        budget := budget - length(item);
        IF (comment.reply_count > 0 OR sees_hidden) AND levels > 0 AND budget > 0 THEN
            SELECT below.budget, below.level INTO budget, replies
            FROM comment_level(comment.id, comment.reply_count, 0, sort, ranks_at, 'infinity', first_id, 3, levels - 1,
                               reader_id, role, sees_hidden, budget) AS below;
        ELSIF comment.reply_count > 0 OR sees_hidden THEN
            replies := level_json('{}', comment.reply_count, CASE WHEN comment.reply_count > 0 OR has_replies(comment.id) THEN
                level_cursor(comment.id, sort, rank_epoch, 'infinity', first_id, 0) END);
        ELSE
            replies := '{"items":[],"more":0,"next":null}';
        END IF;
        items := items || (left(item, -1) || ', "replies" : ' || replies || '}');
    END LOOP;
    level := level_json(items, CASE WHEN is_cut THEN greatest(total_count - seen_count, 1) ELSE 0 END, CASE WHEN is_cut THEN
        level_cursor(parent_id, sort, rank_epoch, after_rank, after_id, seen_count) END);
END $$;

-- Checks access and reads a page of the tree, in one round trip. `role` is null if the reader may not know of the post.
-- `level` is null if there is no comment `parent_id` under the post, or (`is_expired`) if the ranks of the cursor are not
-- kept any more. `parent_id` is null for the top level.
--
-- `ranks_at` is null on the first page. The page is cut at a million characters, because a function's answer has a limit.
CREATE OR REPLACE FUNCTION comment_tree(
    post_id uuid, parent_id uuid, reader_id uuid, sort text, ranks_at timestamptz, after_rank double precision,
    after_id uuid, seen_count integer, page_size integer, OUT role text, OUT is_expired boolean, OUT level text
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    post        posts;
    parent      comments;
    total_count integer;
BEGIN
    SELECT * INTO post FROM posts p WHERE p.id = post_id;
    role := forum_role(post.forum_id, reader_id);
    IF post.withheld IS NOT NULL AND NOT sees_withheld(post.author_id, reader_id, role) THEN
        role := NULL;
    END IF;
    IF role IS NULL THEN
        RETURN;
    END IF;
    is_expired := ranks_at < clock_timestamp() - interval '15 minutes';
    IF is_expired THEN
        RETURN;
    END IF;
    IF parent_id IS NULL THEN
        SELECT c.reply_count INTO total_count FROM post_counts c WHERE c.post_id = comment_tree.post_id;
    ELSE
        SELECT * INTO parent FROM comments c WHERE c.id = comment_tree.parent_id AND c.post_id = comment_tree.post_id;
        IF parent.id IS NULL OR (parent.withheld IS NOT NULL AND NOT sees_withheld(parent.author_id, reader_id, role)) THEN
            RETURN;
        END IF;
        total_count := parent.reply_count;
    END IF;
    SELECT top.level INTO level
    FROM comment_level(coalesce(parent_id, post_id), total_count, seen_count, sort, least(ranks_at, settled_rank_epoch()),
                       after_rank, after_id, page_size, 2, reader_id, role,
                       role IN ('owner', 'moderator') OR is_shadow_banned(post.forum_id, reader_id), 1000000) AS top;
END $$;
