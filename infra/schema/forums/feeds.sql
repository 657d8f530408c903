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

-- As ranked_posts, without the posts that the reader, who is no moderator, does not see. It reads more of the index until the
-- page is full.
CREATE OR REPLACE FUNCTION seen_ranked_posts(
    forum_id uuid, reader_id uuid, sort text, tag text, ranks_at timestamptz, after_rank double precision, after_id uuid,
    page_size integer, OUT post_ids uuid[], OUT ranks double precision[]
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    read_size  integer := page_size + 30;
    read_count integer;
BEGIN
    LOOP
        SELECT array_agg(r.post_id ORDER BY r.ordinal) FILTER (WHERE it.is_seen),
               array_agg(r.rank ORDER BY r.ordinal) FILTER (WHERE it.is_seen), count(*)
        INTO post_ids, ranks, read_count
        FROM ranked_posts(forum_id, sort, tag, ranks_at, after_rank, after_id, read_size)
            WITH ORDINALITY AS r (post_id, rank, ordinal)
        JOIN posts p ON p.id = r.post_id
        CROSS JOIN LATERAL (SELECT may_see(p.withheld, p.author_id, reader_id, false) AS is_seen) AS it;
        EXIT WHEN read_count < read_size OR cardinality(post_ids) >= page_size;
        read_size := read_size * 4;
    END LOOP;
    post_ids := post_ids[:page_size];
END $$;

-- Checks access and reads a page of a forum's posts, in one round trip. `role` is null if the reader may not know of the
-- forum. `ranks_at` is null on the first page and is returned for the next ones; the first page also has the `pinned` posts.
-- Posts that this reader does not see take no place in a page.
CREATE OR REPLACE FUNCTION list_posts(
    slug text, reader_id uuid, sort text, tag text, after_rank double precision, after_id uuid, page_size integer,
    INOUT ranks_at timestamptz, OUT role text, OUT items text, OUT pinned text, OUT next_rank double precision,
    OUT next_id uuid
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    found_id     uuid;
    has_withheld boolean;
    is_moderator boolean;
    post_ids     uuid[];
    ranks        double precision[];
BEGIN
    SELECT f.id, f.withheld_post_count > 0 INTO found_id, has_withheld FROM forums f WHERE lower(f.slug) = lower(list_posts.slug);
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
            pinned := listed_posts_json(post_ids, reader_id, is_moderator);
        END IF;
    END IF;
    IF is_moderator OR NOT has_withheld THEN
        SELECT array_agg(r.post_id), array_agg(r.rank) INTO post_ids, ranks
        FROM ranked_posts(found_id, sort, tag, ranks_at, after_rank, after_id, page_size + 1) r;
    ELSE
        SELECT * INTO post_ids, ranks
        FROM seen_ranked_posts(found_id, reader_id, sort, tag, ranks_at, after_rank, after_id, page_size + 1);
    END IF;
    IF cardinality(post_ids) > page_size THEN
        next_rank := ranks[page_size];
        next_id := post_ids[page_size];
        post_ids := post_ids[:page_size];
    END IF;
    items := listed_posts_json(post_ids, reader_id, is_moderator);
END $$;
