-- What a search has found, as its reader sees it: read from the tables, under the one rule of each room.

-- Of the documents that an index has found those that the reader may see, as the API shows them. `matched`: the words of the
-- document that were searched, folded as search_text() does it: inflections of `words`, and those that begin with `beginning`.
CREATE OR REPLACE FUNCTION search_hits(viewer_id uuid, types text[], ids uuid[], words text[], beginning text)
RETURNS TABLE (ordinal bigint, type text, id uuid, item text, matched text[])
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    stems text[] := searched_stems(array_to_string(words, ' '));
    begun text[] := searched_beginnings(beginning);
BEGIN
    RETURN QUERY
    SELECT k.ordinal, k.type, k.id, shown.item, matched_words(shown.content, stems, begun)
    FROM unnest(types, ids) WITH ORDINALITY AS k (type, id, ordinal)
    JOIN readable_documents(viewer_id, types, ids) AS shown ON shown.type = k.type AND shown.id = k.id
    ORDER BY k.ordinal;
END $$;

-- `content`: what may be searched in it.
CREATE OR REPLACE FUNCTION readable_documents(viewer_id uuid, types text[], ids uuid[])
RETURNS TABLE (type text, id uuid, content text, item text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    message_ids uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'message' ORDER BY k.id);
    comment_ids uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'comment');
    forum_ids   uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'forum');
    user_ids    uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'user');
    seen_ids    uuid[];
    judged_ids  uuid[];
BEGIN
    RETURN QUERY
    SELECT 'message', m.id, m.content || attachment_words(m.attachments), message_text(m, viewer_id)
    FROM messages m
    WHERE m.id = ANY (message_ids) AND m.id >= message_ids[1] AND m.id <= message_ids[cardinality(message_ids)]
      AND m.deleted_at IS NULL AND m.seq > history_after(m.conversation_id, viewer_id)
      AND NOT has_blocked(viewer_id, m.author_id);
    SELECT array_agg(access.id) FILTER (WHERE access.role NOT IN ('owner', 'moderator')),
           array_agg(access.id) FILTER (WHERE access.role IN ('owner', 'moderator'))
    INTO seen_ids, judged_ids
    FROM readable_posts(viewer_id, ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'post')) AS access;
    RETURN QUERY
    SELECT 'post', p.id, concat(p.title, ' ', p.body, attachment_words(p.attachments)), shown.post
    FROM (SELECT s.id, s.post FROM posts_json(seen_ids, viewer_id, false) s
          UNION ALL SELECT j.id, j.post FROM posts_json(judged_ids, viewer_id, true) j) AS shown
    CROSS JOIN LATERAL (SELECT p.* FROM posts p WHERE p.id = shown.id OFFSET 0) AS p;
    RETURN QUERY
    SELECT 'comment', c.id, c.body || attachment_words(c.attachments), comment_json(c, viewer_id, access.role IN ('owner', 'moderator'))::text
    FROM comments c CROSS JOIN LATERAL (SELECT role_at_comment(c, viewer_id) AS role OFFSET 0) AS access
    WHERE c.id = ANY (comment_ids) AND c.deleted_at IS NULL AND c.removed_at IS NULL AND c.pruned_at IS NULL
      AND access.role <> 'banned' AND NOT has_blocked(viewer_id, c.author_id);
    RETURN QUERY
    SELECT 'forum', f.id, concat_ws(' ', f.name, f.slug, f.description), forum_json(f, viewer_id)::text
    FROM forums f WHERE f.id = ANY (forum_ids) AND forum_role(f.id, viewer_id) <> 'banned';
    RETURN QUERY
    SELECT 'user', u.id, concat_ws(' ', u.display_name, u.username, u.bio), json_build_object(
               'id', u.id, 'username', u.username, 'display_name', u.display_name, 'bio', u.bio,
               'avatar', u.avatar, 'status', status_json(u.status), 'created_at', rfc3339(u.created_at),
               'karma', coalesce((SELECT k.karma FROM user_karma k WHERE k.user_id = u.id), 0))::text
    FROM users u WHERE u.id = ANY (user_ids);
END $$;

-- Those of the posts that a search shows the reader, with the reader's role in their forum.
CREATE OR REPLACE FUNCTION readable_posts(reader_id uuid, post_ids uuid[]) RETURNS TABLE (id uuid, role text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT p.id, access.role
    FROM posts p CROSS JOIN LATERAL (SELECT role_at_post(p, reader_id) AS role OFFSET 0) AS access
    WHERE p.id = ANY (post_ids) AND p.deleted_at IS NULL AND p.removed_at IS NULL AND access.role <> 'banned'
      AND NOT has_blocked(reader_id, p.author_id);
END $$;

-- Forums, users and posts that an index has found for a beginning, as suggestions name them: without what is not readable.
CREATE OR REPLACE FUNCTION search_suggestions(viewer_id uuid, types text[], ids uuid[], beginning text)
RETURNS TABLE (ordinal bigint, type text, id uuid, title text, name text, matched text[])
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    post_ids  uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'post');
    forum_ids uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'forum');
    user_ids  uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'user');
    stems     text[] := searched_stems(beginning);
    begun     text[] := searched_beginnings(beginning);
BEGIN
    RETURN QUERY
    SELECT k.ordinal, item.*, matched_words(item.title || ' ' || item.name, stems, begun)
    FROM unnest(types, ids) WITH ORDINALITY AS k (type, id, ordinal)
    JOIN (
        SELECT 'post' AS type, p.id, p.title, f.slug AS name
        FROM readable_posts(viewer_id, post_ids) AS access
        CROSS JOIN LATERAL (SELECT p.* FROM posts p WHERE p.id = access.id OFFSET 0) AS p
        CROSS JOIN LATERAL (SELECT f.slug FROM forums f WHERE f.id = p.forum_id OFFSET 0) AS f
        UNION ALL
        SELECT 'forum', f.id, f.name, f.slug FROM forums f
        WHERE f.id = ANY (forum_ids) AND forum_role(f.id, viewer_id) <> 'banned'
        UNION ALL
        SELECT 'user', u.id, u.display_name, u.username FROM users u WHERE u.id = ANY (user_ids)
    ) AS item ON item.type = k.type AND item.id = k.id
    ORDER BY k.ordinal;
END $$;

-- The stems of the words of a search. Scripts without spaces are searched in pairs of characters; a single one counts only where
-- the search has no pair.
CREATE OR REPLACE FUNCTION searched_stems(content text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    stems text[] := tsvector_to_array(to_tsvector('search_stems', search_text(content))
                                      || to_tsvector('search_stems', search_text(spelt_out(content))));
BEGIN
    IF EXISTS (SELECT FROM unnest(stems) AS stem WHERE length(stem) = 2 AND is_cjk(stem)) THEN
        RETURN ARRAY (SELECT stem FROM unnest(stems) AS stem WHERE length(stem) > 1 OR NOT is_cjk(stem));
    END IF;
    RETURN stems;
END $$;

-- The last word of a text in its forms, as the beginning of a word; none of a pair of characters.
CREATE OR REPLACE FUNCTION searched_beginnings(content text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN ARRAY (
        SELECT DISTINCT each.last
        FROM (SELECT trim(search_text(form)) AS folded, (regexp_match(trim(search_text(form)), '[^ ]+$'))[1] AS last
              FROM unnest(ARRAY[content, spelt_out(content)]) AS form) AS each
        WHERE NOT is_cjk(each.last) OR each.last = each.folded);
END $$;

CREATE OR REPLACE FUNCTION is_cjk(word text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN word ~ '[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]';

-- The words of a text, folded, and their other forms that have one of the stems or begin with one of `begun`.
CREATE OR REPLACE FUNCTION matched_words(content text, stems text[], begun text[]) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    firsts text[] := ARRAY (SELECT DISTINCT left(stem, 1) FROM unnest(stems) AS stem);
BEGIN
    RETURN ARRAY (
        SELECT word FROM unnest(written_words(content)) AS word
        WHERE (left(word, 1) = ANY (firsts) AND (ts_lexize('search_stem', word))[1] = ANY (stems)) 
           OR EXISTS (SELECT FROM unnest(begun) AS beginning WHERE starts_with(word, beginning)));
END $$;
