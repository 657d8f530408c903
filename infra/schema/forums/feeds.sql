-- The lists of a forum's posts.

-- The posts of a forum after a position in the order `sort`. Except for `new` and `tag`, which go by age, the ranks are the
-- versions of the time `ranks_at`. Each branch is one scan of one index.
CREATE OR REPLACE FUNCTION ranked_posts(
    forum_id uuid, sort text, tag text, ranks_at timestamptz, after_rank double precision, after_id uuid, page_size integer
) RETURNS TABLE (post_id uuid, rank double precision) LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE sort
    WHEN 'new' THEN RETURN QUERY
        SELECT p.id, 0::double precision FROM posts p
        WHERE p.forum_id = ranked_posts.forum_id AND p.deleted_at IS NULL AND p.removed_at IS NULL AND p.id < after_id
        ORDER BY p.id DESC LIMIT page_size;
    WHEN 'tag' THEN RETURN QUERY
        SELECT t.post_id, 0::double precision FROM post_tags t
        WHERE t.forum_id = ranked_posts.forum_id AND t.tag = ranked_posts.tag AND t.post_id < after_id
        ORDER BY t.post_id DESC LIMIT page_size;
    WHEN 'hot' THEN RETURN QUERY
        SELECT r.post_id, r.hot FROM post_ranks r
        WHERE r.forum_id = ranked_posts.forum_id AND (r.hot, r.post_id) < (after_rank, after_id)
          AND r.since <= ranks_at AND r.until > ranks_at
        ORDER BY r.hot DESC, r.post_id DESC LIMIT page_size;
    WHEN 'rising' THEN RETURN QUERY
        SELECT r.post_id, r.rising FROM post_ranks r
        WHERE r.forum_id = ranked_posts.forum_id AND (r.rising, r.post_id) < (after_rank, after_id)
          AND r.rising IS NOT NULL
          AND r.since <= ranks_at AND r.until > ranks_at AND r.created_at > ranks_at - interval '2 days'
        ORDER BY r.rising DESC, r.post_id DESC LIMIT page_size;
    WHEN 'controversial' THEN RETURN QUERY
        SELECT r.post_id, r.controversial FROM post_ranks r
        WHERE r.forum_id = ranked_posts.forum_id AND (r.controversial, r.post_id) < (after_rank, after_id)
          AND r.controversial IS NOT NULL
          AND r.since <= ranks_at AND r.until > ranks_at
        ORDER BY r.controversial DESC, r.post_id DESC LIMIT page_size;
    WHEN 'top all' THEN RETURN QUERY
        SELECT r.post_id, r.score::double precision FROM post_ranks r
        WHERE r.forum_id = ranked_posts.forum_id AND (r.score, r.post_id) < (after_rank::integer, after_id)
          AND r.since <= ranks_at AND r.until > ranks_at
        ORDER BY r.score DESC, r.post_id DESC LIMIT page_size;
    WHEN 'top day' THEN RETURN QUERY
        SELECT r.post_id, r.score::double precision FROM post_ranks r
        WHERE r.forum_id = ranked_posts.forum_id AND (r.score, r.post_id) < (after_rank::integer, after_id) AND r.day
          AND r.since <= ranks_at AND r.until > ranks_at AND r.created_at > ranks_at - interval '1 day'
        ORDER BY r.score DESC, r.post_id DESC LIMIT page_size;
    WHEN 'top week' THEN RETURN QUERY
        SELECT r.post_id, r.score::double precision FROM post_ranks r
        WHERE r.forum_id = ranked_posts.forum_id AND (r.score, r.post_id) < (after_rank::integer, after_id) AND r.week
          AND r.since <= ranks_at AND r.until > ranks_at AND r.created_at > ranks_at - interval '7 days'
        ORDER BY r.score DESC, r.post_id DESC LIMIT page_size;
    WHEN 'top month' THEN RETURN QUERY
        SELECT r.post_id, r.score::double precision FROM post_ranks r
        WHERE r.forum_id = ranked_posts.forum_id AND (r.score, r.post_id) < (after_rank::integer, after_id) AND r.month
          AND r.since <= ranks_at AND r.until > ranks_at AND r.created_at > ranks_at - interval '30 days'
        ORDER BY r.score DESC, r.post_id DESC LIMIT page_size;
    END CASE;
END $$;

-- Checks access and reads a page of a forum's posts, in one round trip. `role` is null if the reader may not know of the
-- forum. `ranks_at` is null on the first page and is returned for the next ones; the first page also has the `pinned` posts.
-- The next position is that of the last rank that was read, not of the last post in `items`: the two differ if a post is
-- hidden from this reader.
CREATE OR REPLACE FUNCTION list_posts(
    slug text, reader_id uuid, sort text, tag text, after_rank double precision, after_id uuid, page_size integer,
    INOUT ranks_at timestamptz, OUT role text, OUT items text, OUT pinned text, OUT next_rank double precision,
    OUT next_id uuid
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found_id     uuid := (SELECT f.id FROM forums f WHERE lower(f.slug) = lower(list_posts.slug));
    is_moderator boolean;
    post_ids     uuid[];
    ranks        double precision[];
BEGIN
    role := forum_role(found_id, reader_id);
    IF role IS NULL THEN
        RETURN;
    END IF;
    is_moderator := role IN ('owner', 'moderator');
    IF ranks_at IS NULL THEN
        ranks_at := settled_rank_epoch();
        post_ids := ARRAY (SELECT p.id FROM posts p WHERE p.forum_id = found_id AND p.pinned_at IS NOT NULL
                           ORDER BY p.pinned_at DESC);
        IF post_ids <> '{}' THEN
            SELECT string_agg(p.post::text, ',') INTO pinned
            FROM posts_json(post_ids, reader_id, is_moderator, true) p WHERE p.is_listed;
        END IF;
    END IF;
    SELECT array_agg(r.post_id), array_agg(r.rank) INTO post_ids, ranks
    FROM ranked_posts(found_id, sort, tag, ranks_at, after_rank, after_id, page_size + 1) r;
    IF cardinality(post_ids) > page_size THEN
        next_rank := ranks[page_size];
        next_id := post_ids[page_size];
        post_ids := post_ids[:page_size];
    END IF;
    SELECT string_agg(p.post::text, ',') INTO items
    FROM posts_json(post_ids, reader_id, is_moderator, true) p WHERE p.is_listed;
END $$;
