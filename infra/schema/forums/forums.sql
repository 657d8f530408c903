-- Forums in lists, and as one reader sees them.

CREATE OR REPLACE FUNCTION forum_json(forum forums, reader_id uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    reader_role  text;
    banned_until timestamptz;
    stream_head  bigint;
    post_count   integer := forum.post_count;
BEGIN
    SELECT m.role INTO reader_role FROM forum_members m WHERE m.forum_id = forum.id AND m.user_id = reader_id;
    SELECT b.until INTO banned_until FROM forum_bans b
    WHERE b.forum_id = forum.id AND b.user_id = reader_id AND NOT b.shadow AND b.until > now();
    SELECT s.head + own_event_count(forum.id, reader_id) INTO stream_head FROM streams s WHERE s.id = forum.id;
    IF forum.withheld_post_count > 0 AND reader_role IN ('owner', 'moderator') THEN
        post_count := post_count + forum.withheld_post_count;
    ELSIF forum.withheld_post_count > 0 THEN
        post_count := post_count + (SELECT count(*) FROM posts p
                                    WHERE p.forum_id = forum.id AND p.author_id = reader_id AND p.withheld IS NOT NULL
                                      AND p.deleted_at IS NULL AND p.removed_at IS NULL);
    END IF;
    RETURN json_build_object(
        'id', forum.id, 'slug', forum.slug, 'name', forum.name, 'description', forum.description, 'rules', forum.rules,
        'icon', forum.icon, 'banner', forum.banner,
        'visibility', forum.visibility, 'posting', forum.posting, 'slow_mode_seconds', forum.slow_mode_seconds,
        'tags', to_json(forum.tags), 'tag_required', forum.tag_required,
        'join_requests', forum.join_requests, 'link_previews', forum.link_previews, 'created_by', forum.created_by,
        'created_at', rfc3339(forum.created_at), 'active_at', rfc3339(forum.active_at),
        'member_count', forum.member_count, 'post_count', post_count, 'head', stream_head,
        'role', reader_role, 'banned', banned_until IS NOT NULL,
        'banned_until', CASE WHEN isfinite(banned_until) THEN rfc3339(banned_until) END);
END $$;

CREATE OR REPLACE FUNCTION emoji_json(emoji forum_emoji) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object('name', emoji.name, 'picture', emoji.picture, 'created_by', emoji.created_by,
                             'created_at', rfc3339(emoji.created_at));
END $$;

-- A page of forums after a position: by activity (before_at, last_id), or by name (after_name, last_id). With `search_text`,
-- every word of it must match a word of the name or the slug, or the beginning of one; null matches every forum. Without it,
-- and unless only the reader's own forums are listed, a page walks along an index and adds the private forums of the reader.
-- Otherwise the matching forums are sorted.
CREATE OR REPLACE FUNCTION list_forums(
    reader_id uuid, search_text text, only_joined boolean, by_name boolean,
    before_at timestamptz, after_name text, last_id uuid, page_size integer
) RETURNS SETOF forums LANGUAGE plpgsql STABLE AS $$
DECLARE
    -- The private forums that the reader may read. Calling forum_role for each match took most of the time of a search.
    readable_ids uuid[] := ARRAY (
        SELECT f.id FROM forum_members m JOIN forums f ON f.id = m.forum_id
        WHERE m.user_id = reader_id AND f.visibility = 'private' AND forum_role(f.id, reader_id) IS NOT NULL);
    search_query tsquery := (
        SELECT string_agg(quote_literal(word) || ':*', ' & ') FROM unnest(words_of(search_text)) AS word)::tsquery;
BEGIN
    IF search_text IS NOT NULL AND search_query IS NULL THEN
        RETURN;
    ELSIF only_joined THEN
        RETURN QUERY
        SELECT f.* FROM forum_members m JOIN forums f ON f.id = m.forum_id
        WHERE m.user_id = reader_id AND (f.visibility <> 'private' OR f.id = ANY (readable_ids))
          AND (search_query IS NULL OR array_to_tsvector(words_of(f.name || ' ' || f.slug)) @@ search_query)
          AND CASE WHEN by_name THEN (lower(f.name), f.id) > (after_name, last_id)
                   ELSE (f.active_at, f.id) < (before_at, last_id) END
        ORDER BY CASE WHEN by_name THEN lower(f.name) END, CASE WHEN by_name THEN f.id END, f.active_at DESC, f.id DESC
        LIMIT page_size;
    ELSIF search_query IS NOT NULL THEN
        RETURN QUERY
        SELECT f.* FROM forums f
        WHERE array_to_tsvector(words_of(f.name || ' ' || f.slug)) @@ search_query
          AND (f.visibility <> 'private' OR f.id = ANY (readable_ids))
          AND CASE WHEN by_name THEN (lower(f.name), f.id) > (after_name, last_id)
                   ELSE (f.active_at, f.id) < (before_at, last_id) END
        ORDER BY CASE WHEN by_name THEN lower(f.name) END, CASE WHEN by_name THEN f.id END, f.active_at DESC, f.id DESC
        LIMIT page_size;
    ELSIF by_name THEN
        RETURN QUERY
        SELECT * FROM (
            (SELECT f.* FROM forums f
             WHERE f.visibility <> 'private' AND (lower(f.name), f.id) > (after_name, last_id)
             ORDER BY lower(f.name), f.id LIMIT page_size)
            UNION ALL
            (SELECT f.* FROM forums f WHERE f.id = ANY (readable_ids) AND (lower(f.name), f.id) > (after_name, last_id)
             ORDER BY lower(f.name), f.id LIMIT page_size)
        ) AS found ORDER BY lower(found.name), found.id LIMIT page_size;
    ELSE
        RETURN QUERY
        SELECT * FROM (
            (SELECT f.* FROM forums f
             WHERE f.visibility <> 'private' AND (f.active_at, f.id) < (before_at, last_id)
             ORDER BY f.active_at DESC, f.id DESC LIMIT page_size)
            UNION ALL
            (SELECT f.* FROM forums f WHERE f.id = ANY (readable_ids) AND (f.active_at, f.id) < (before_at, last_id)
             ORDER BY f.active_at DESC, f.id DESC LIMIT page_size)
        ) AS found ORDER BY found.active_at DESC, found.id DESC LIMIT page_size;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION membership_request_json(request membership_requests) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object(
        'forum', (SELECT json_build_object('id', f.id, 'slug', f.slug) FROM forums f WHERE f.id = request.forum_id),
        'user', user_json(request.user_id), 'message', request.message, 'state', request.state, 'note', request.note,
        'created_at', rfc3339(request.created_at), 'decided_at', rfc3339(request.decided_at));
END $$;
