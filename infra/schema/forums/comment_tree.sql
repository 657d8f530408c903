-- The comments of a post as a tree, read in pages of each level.

-- The replies to a post or a comment that the reader sees, after a position in the order `sort`. By rank, the ranks are the
-- versions of `ranks_at`.
CREATE OR REPLACE FUNCTION list_replies(
    parent_id uuid, sort text, ranks_at timestamptz, after_rank double precision, after_id uuid, page_size integer,
    reader_id uuid, is_moderator boolean
) RETURNS TABLE (rank double precision, comment comments) LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF sort = 'best' THEN
        RETURN QUERY
            SELECT r.best, c
            FROM comment_ranks r JOIN comments c ON c.id = r.comment_id
            WHERE r.parent_id = list_replies.parent_id AND (r.best, r.comment_id) < (after_rank, after_id)
              AND r.since <= ranks_at AND r.until > ranks_at
              AND may_see(c.withheld, c.author_id, reader_id, is_moderator)
            ORDER BY r.best DESC, r.comment_id DESC
            LIMIT page_size;
    ELSIF sort = 'new' THEN
        RETURN QUERY
            SELECT 0::double precision, c FROM comments c
            WHERE c.parent_id = list_replies.parent_id AND c.id < after_id AND c.pruned_at IS NULL
              AND may_see(c.withheld, c.author_id, reader_id, is_moderator)
            ORDER BY c.id DESC LIMIT page_size;
    ELSE
        RETURN QUERY
            SELECT 0::double precision, c FROM comments c
            WHERE c.parent_id = list_replies.parent_id AND c.id > after_id AND c.pruned_at IS NULL
              AND may_see(c.withheld, c.author_id, reader_id, is_moderator)
            ORDER BY c.id LIMIT page_size;
    END IF;
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
-- up, and goes on with its own cursor. All counts are of what this reader sees.
CREATE OR REPLACE FUNCTION comment_level(
    parent_id uuid, total_count integer, seen_count integer, sort text, ranks_at timestamptz, after_rank double precision,
    after_id uuid, page_size integer, levels integer, reader_id uuid, is_moderator boolean,
    has_blocks boolean, INOUT budget integer, OUT level text
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    first_id   constant uuid := CASE WHEN sort = 'old' THEN '00000000-0000-0000-0000-000000000000'
                                     ELSE 'ffffffff-ffff-ffff-ffff-ffffffffffff' END;
    rank_epoch constant bigint := CASE WHEN sort = 'best' THEN extract(epoch FROM ranks_at) ELSE 0 END;
    items      text[] := '{}';
    reply_count integer;
    is_cut     boolean := false;
    reply      record;
    comment    comments;
    replies    text;
    item       text;
BEGIN
    FOR reply IN SELECT * FROM list_replies(parent_id, sort, ranks_at, after_rank, after_id, page_size + 1,
                                                reader_id, is_moderator) LOOP
        is_cut := cardinality(items) >= page_size OR (budget <= 0 AND items <> '{}');
        EXIT WHEN is_cut;
        comment := reply.comment;
        after_rank := reply.rank;
        after_id := comment.id;
        seen_count := seen_count + 1;
        reply_count := comment.reply_count;
        IF comment.withheld_reply_count > 0 THEN
            reply_count := reply_count + seen_withheld_replies(comment.post_id, comment.id, comment.withheld_reply_count,
                                                               reader_id, is_moderator);
        END IF;
        item := comment_view(comment, reader_id, is_moderator, has_blocks);
        budget := budget - length(item);
        IF reply_count > 0 AND levels > 0 AND budget > 0 THEN
            SELECT below.budget, below.level INTO budget, replies
            FROM comment_level(comment.id, reply_count, 0, sort, ranks_at, 'infinity', first_id, 3, levels - 1,
                               reader_id, is_moderator, has_blocks, budget) AS below;
        ELSIF reply_count > 0 THEN
            replies := level_json('{}', reply_count, level_cursor(comment.id, sort, rank_epoch, 'infinity', first_id, 0));
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
    post           posts;
    parent         comments;
    is_moderator   boolean;
    total_count    integer;
    withheld_count integer;
BEGIN
    SELECT * INTO post FROM posts p WHERE p.id = post_id;
    role := role_at_post(post, reader_id);
    IF role IS NULL THEN
        RETURN;
    END IF;
    is_expired := ranks_at < clock_timestamp() - interval '15 minutes';
    IF is_expired THEN
        RETURN;
    END IF;
    is_moderator := role IN ('owner', 'moderator');
    IF parent_id IS NULL THEN
        SELECT c.reply_count, c.withheld_reply_count INTO total_count, withheld_count
        FROM post_counts c WHERE c.post_id = comment_tree.post_id;
    ELSE
        SELECT * INTO parent FROM comments c WHERE c.id = comment_tree.parent_id AND c.post_id = comment_tree.post_id;
        IF parent.id IS NULL OR NOT may_see_comment(parent, reader_id, is_moderator) THEN
            RETURN;
        END IF;
        total_count := parent.reply_count;
        withheld_count := parent.withheld_reply_count;
    END IF;
    IF withheld_count > 0 THEN
        total_count := total_count + seen_withheld_replies(post_id, coalesce(parent_id, post_id), withheld_count, reader_id,
                                                           is_moderator);
    END IF;
    SELECT top.level INTO level
    FROM comment_level(coalesce(parent_id, post_id), total_count, seen_count, sort, least(ranks_at, settled_rank_epoch()),
                       after_rank, after_id, page_size, 2, reader_id, is_moderator, blocks_anybody(reader_id), 1000000) AS top;
END $$;
