-- Forums in lists, and as one reader sees them.

CREATE FUNCTION forum_as_seen(f forums, reader uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    my_role text;
    ban     timestamptz;
    number  bigint;
BEGIN
    SELECT role INTO my_role FROM forum_members WHERE forum_id = f.id AND user_id = reader;
    SELECT until INTO ban FROM forum_bans WHERE forum_id = f.id AND user_id = reader AND NOT shadow AND until > now();
    SELECT head INTO number FROM streams WHERE id = f.id;
    RETURN json_build_object(
        'id', f.id, 'slug', f.slug, 'name', f.name, 'description', f.description, 'rules', f.rules,
        'visibility', f.visibility, 'posting', f.posting, 'slow_mode_seconds', f.slow_mode_seconds,
        'tags', to_json(f.tags), 'tag_required', f.tag_required, 'created_by', f.created_by,
        'created_at', rfc3339(f.created_at), 'active_at', rfc3339(f.active_at),
        'member_count', f.member_count, 'post_count', f.post_count, 'head', number,
        'role', my_role, 'banned', ban IS NOT NULL, 'banned_until', CASE WHEN isfinite(ban) THEN rfc3339(ban) END);
END $$;

-- Forums below a position: by activity (last active first), or by name. `said`: those with all of its words, each perhaps
-- only begun; null is whatever they are called. Without words, and not only one's own, a page is a walk along an index and
-- the private forums of the reader; else what is found is sorted.
CREATE FUNCTION list_forums(
    reader uuid, said text, only_mine boolean, by_name boolean,
    below_at timestamptz, above_name text, last_id uuid, at_most integer
) RETURNS SETOF forums LANGUAGE plpgsql STABLE AS $$
DECLARE
    -- Private ones that the reader may read; asked of each forum that is found, forum_role took most of a search.
    secret uuid[] := ARRAY (
        SELECT f.id FROM forum_members m JOIN forums f ON f.id = m.forum_id
        WHERE m.user_id = reader AND f.visibility = 'private' AND forum_role(f.id, reader) IS NOT NULL);
    wanted tsquery := (SELECT string_agg(quote_literal(word) || ':*', ' & ') FROM unnest(words_of(said)) AS word)::tsquery;
BEGIN
    IF said IS NOT NULL AND wanted IS NULL THEN
        RETURN;
    ELSIF only_mine THEN
        RETURN QUERY
        SELECT f.* FROM forum_members m JOIN forums f ON f.id = m.forum_id
        WHERE m.user_id = reader AND (f.visibility <> 'private' OR f.id = ANY (secret))
          AND (wanted IS NULL OR array_to_tsvector(words_of(f.name || ' ' || f.slug)) @@ wanted)
          AND CASE WHEN by_name THEN (lower(f.name), f.id) > (above_name, last_id)
                   ELSE (f.active_at, f.id) < (below_at, last_id) END
        ORDER BY CASE WHEN by_name THEN lower(f.name) END, CASE WHEN by_name THEN f.id END, f.active_at DESC, f.id DESC
        LIMIT at_most;
    ELSIF wanted IS NOT NULL THEN
        RETURN QUERY
        SELECT f.* FROM forums f
        WHERE array_to_tsvector(words_of(f.name || ' ' || f.slug)) @@ wanted
          AND (f.visibility <> 'private' OR f.id = ANY (secret))
          AND CASE WHEN by_name THEN (lower(f.name), f.id) > (above_name, last_id)
                   ELSE (f.active_at, f.id) < (below_at, last_id) END
        ORDER BY CASE WHEN by_name THEN lower(f.name) END, CASE WHEN by_name THEN f.id END, f.active_at DESC, f.id DESC
        LIMIT at_most;
    ELSIF by_name THEN
        RETURN QUERY
        SELECT * FROM (
            (SELECT f.* FROM forums f
             WHERE f.visibility <> 'private' AND (lower(f.name), f.id) > (above_name, last_id)
             ORDER BY lower(f.name), f.id LIMIT at_most)
            UNION ALL
            (SELECT f.* FROM forums f WHERE f.id = ANY (secret) AND (lower(f.name), f.id) > (above_name, last_id)
             ORDER BY lower(f.name), f.id LIMIT at_most)
        ) AS shown ORDER BY lower(shown.name), shown.id LIMIT at_most;
    ELSE
        RETURN QUERY
        SELECT * FROM (
            (SELECT f.* FROM forums f
             WHERE f.visibility <> 'private' AND (f.active_at, f.id) < (below_at, last_id)
             ORDER BY f.active_at DESC, f.id DESC LIMIT at_most)
            UNION ALL
            (SELECT f.* FROM forums f WHERE f.id = ANY (secret) AND (f.active_at, f.id) < (below_at, last_id)
             ORDER BY f.active_at DESC, f.id DESC LIMIT at_most)
        ) AS shown ORDER BY shown.active_at DESC, shown.id DESC LIMIT at_most;
    END IF;
END $$;
