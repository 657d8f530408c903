-- What can be found: documents, as they are now.

-- Rises with each later statement: later snapshots have seen more transactions begin, or more of them end.
CREATE OR REPLACE FUNCTION snapshot_version() RETURNS bigint LANGUAGE sql STABLE
    RETURN pg_snapshot_xmax(pg_current_snapshot())::text::bigint * 65536
           - (SELECT count(*) FROM pg_snapshot_xip(pg_current_snapshot()));

-- The documents of these keys (`types` and `ids` belong together), at most some hundred; one that does not exist, or that nobody
-- should find, has no row: what is deleted, removed or left the tree. `seen_by`: of something withheld the one author who
-- sees it beside the moderators, zeros where that is nobody.
--
-- What belongs to a post is read for each one by itself: the kept plan would not know how few there are. Messages are read within
-- the bounds of their ids: so it opens only their months.
CREATE OR REPLACE FUNCTION search_documents_of(types text[], ids uuid[]) RETURNS TABLE (
    type text, id uuid, place_id uuid, is_public boolean, seen_by uuid, seq bigint, author_id uuid, post_id uuid, title text,
    body text, tags text[], features text[], score integer, is_answered boolean, is_accepted boolean, created_at timestamptz,
    version bigint
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    read_version bigint := snapshot_version();
    message_ids uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'message' ORDER BY k.id);
    post_ids    uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'post');
    comment_ids uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'comment');
    forum_ids   uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'forum');
    user_ids    uuid[] := ARRAY (SELECT k.id FROM unnest(types, ids) AS k (type, id) WHERE k.type = 'user');
BEGIN
    IF message_ids <> '{}' THEN
        RETURN QUERY
        SELECT 'message', m.id, m.conversation_id, false, NULL::uuid, m.seq, m.author_id, NULL::uuid, '',
               m.content || attachment_words(m.attachments),
               '{}'::text[], text_features(m.content, m.content_html)
               || attachment_features(m.attachments)
               || CASE WHEN m.reactions <> '{}' THEN ARRAY['reaction'] END,
               0, false, false, m.created_at, read_version
        FROM messages m
        WHERE m.id = ANY (message_ids) AND m.id >= message_ids[1] AND m.id <= message_ids[cardinality(message_ids)]
          AND m.deleted_at IS NULL;
    END IF;
    IF post_ids <> '{}' THEN
        RETURN QUERY
        SELECT 'post', p.id, p.forum_id, is_public_forum(p.forum_id), CASE WHEN p.withheld IS NOT NULL THEN p.author_id END,
               0::bigint, p.author_id, NULL::uuid, p.title, p.body || attachment_words(p.attachments), p.tags,
               text_features(p.body, p.body_html)
               || CASE WHEN p.kind = 'link' AND position('<a ' IN p.body_html) = 0 THEN ARRAY['link'] END
               || CASE WHEN p.kind = 'poll' THEN ARRAY['poll'] END || attachment_features(p.attachments),
               (SELECT k.score FROM post_counts k WHERE k.post_id = p.id), p.accepted_comment_id IS NOT NULL, false, p.created_at, read_version
        FROM posts p
        WHERE p.id = ANY (post_ids) AND p.deleted_at IS NULL AND p.removed_at IS NULL;
    END IF;
    IF comment_ids <> '{}' THEN
        RETURN QUERY
        SELECT 'comment', c.id, (above.post).forum_id, is_public_forum((above.post).forum_id), comment_seen_by(c, above.post),
               0::bigint, c.author_id, c.post_id, '', c.body || attachment_words(c.attachments), '{}'::text[],
               text_features(c.body, c.body_html) || attachment_features(c.attachments), c.score, false,
               coalesce((above.post).accepted_comment_id = c.id, false), c.created_at, read_version
        FROM comments c
        CROSS JOIN LATERAL (SELECT p AS post FROM posts p WHERE p.id = c.post_id OFFSET 0) AS above
        WHERE c.id = ANY (comment_ids) AND c.deleted_at IS NULL AND c.removed_at IS NULL AND c.pruned_at IS NULL;
    END IF;
    IF forum_ids <> '{}' THEN
        RETURN QUERY
        SELECT 'forum', f.id, f.id, f.visibility <> 'private', NULL::uuid, 0::bigint, NULL::uuid, NULL::uuid,
               f.name || ' ' || f.slug, f.description, '{}'::text[], '{}'::text[], f.member_count, false, false, f.created_at,
               read_version
        FROM forums f WHERE f.id = ANY (forum_ids);
    END IF;
    IF user_ids <> '{}' THEN
        RETURN QUERY
        SELECT 'user', u.id, NULL::uuid, true, NULL::uuid, 0::bigint, NULL::uuid, NULL::uuid,
               u.display_name || ' ' || u.username, u.bio, '{}'::text[], '{}'::text[], 0, false, false, u.created_at, read_version
        FROM users u WHERE u.id = ANY (user_ids);
    END IF;
END $$;

-- Whether everybody may read it who is not banned there.
CREATE OR REPLACE FUNCTION is_public_forum(forum_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT f.visibility <> 'private' FROM forums f WHERE f.id = forum_id);
END $$;

-- What a text contains, by its Markdown and the HTML made of that. A picture is shown as a link.
CREATE OR REPLACE FUNCTION text_features(content text, html text) RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN position('<a ' IN html) > 0 THEN ARRAY['link'] ELSE '{}' END
        || CASE WHEN position('<a ' IN html) > 0 AND content ~ '!\[[^]]*\][(\[]' THEN ARRAY['image'] END
        || CASE WHEN position('<code' IN html) > 0 THEN ARRAY['code'] END;

-- Null if every reader of the forum sees the comment. It is hidden with its post, or below another comment, if one of them is
-- withheld: then it is seen by who sees all of them.
CREATE OR REPLACE FUNCTION comment_seen_by(comment comments, post posts) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    authors uuid[];
BEGIN
    IF comment.withheld IS NULL AND NOT comment.below_withheld AND post.withheld IS NULL THEN
        RETURN NULL;
    END IF;
    authors := ARRAY (
        SELECT above.author_id FROM comments above
        WHERE comment.below_withheld AND above.post_id = comment.post_id AND above.withheld IS NOT NULL
          AND above.id = ANY (comment.path)
        UNION SELECT comment.author_id WHERE comment.withheld IS NOT NULL
        UNION SELECT post.author_id WHERE post.withheld IS NOT NULL);
    RETURN CASE WHEN cardinality(authors) = 1 THEN authors[1] ELSE '00000000-0000-0000-0000-000000000000' END;
END $$;

-- Logs the scores that have changed, at most `page_size` in one event; returns how many.
CREATE OR REPLACE FUNCTION log_changed_scores(page_size integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    payload jsonb;
    number  integer;
BEGIN
    WITH taken AS (
        DELETE FROM changed_scores c
        WHERE c.id IN (SELECT s.id FROM changed_scores s LIMIT page_size FOR UPDATE SKIP LOCKED)
        RETURNING c.type, c.id
    )
    SELECT jsonb_object_agg(each.type, each.ids), sum(jsonb_array_length(each.ids)) INTO payload, number
    FROM (SELECT t.type, jsonb_agg(t.id) AS ids FROM taken t GROUP BY t.type) AS each;
    IF payload IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM log_changed_documents(payload);
    RETURN number;
END $$;

-- From now on the consumer reads all documents of a place again, from the first one.
CREATE OR REPLACE FUNCTION reindex_place(consumer text, kind text, place_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reindexed_places AS r (consumer, kind, place_id) VALUES (consumer, kind, place_id)
    ON CONFLICT ON CONSTRAINT reindexed_places_pkey DO UPDATE SET after_id = DEFAULT;
END $$;

-- The keys of the next documents of one of the consumer's places, at most some hundred; a post with many comments becomes a
-- place of its own. `is_last`: no place is left after them.
CREATE OR REPLACE FUNCTION next_reindexed_documents(
    consumer text, page_size integer, OUT types text[], OUT ids uuid[], OUT is_last boolean
) LANGUAGE plpgsql AS $$
DECLARE
    place    reindexed_places;
    post_ids uuid[];
BEGIN
    SELECT * INTO place FROM reindexed_places r WHERE r.consumer = next_reindexed_documents.consumer
    ORDER BY r.kind DESC, r.place_id LIMIT 1 FOR UPDATE;
    IF place.kind = 'post' THEN
        ids := ARRAY (SELECT c.id FROM comments c WHERE c.post_id = place.place_id AND c.id > place.after_id
                      ORDER BY c.id LIMIT page_size);
        types := array_fill('comment'::text, ARRAY[cardinality(ids)]);
        post_ids := ids;
    ELSIF place.kind = 'forum' THEN
        post_ids := ARRAY (
            (SELECT p.id FROM posts p
             WHERE p.forum_id = place.place_id AND p.id > place.after_id AND p.deleted_at IS NULL AND p.removed_at IS NULL
             ORDER BY p.id LIMIT greatest(page_size / 20, 1))
            UNION ALL -- whose comments are still there
            (SELECT p.id FROM posts p
             WHERE p.forum_id = place.place_id AND p.id > place.after_id
               AND (p.deleted_at IS NOT NULL OR p.removed_at IS NOT NULL)
             ORDER BY p.id LIMIT greatest(page_size / 20, 1))
            ORDER BY 1 LIMIT greatest(page_size / 20, 1));
        PERFORM reindex_place(consumer, 'post', k.post_id) FROM post_counts k
        WHERE k.post_id = ANY (post_ids) AND k.comment_count + k.hidden_comment_count > 20;
        SELECT array_agg(each.type), array_agg(each.id) INTO types, ids
        FROM (SELECT 'post' AS type, p AS id FROM unnest(post_ids) AS p
              UNION ALL
              SELECT 'comment', c.id FROM post_counts k JOIN comments c ON c.post_id = k.post_id
              WHERE k.post_id = ANY (post_ids) AND k.comment_count + k.hidden_comment_count <= 20) AS each;
    END IF;
    IF cardinality(post_ids) > 0 THEN
        UPDATE reindexed_places r SET after_id = post_ids[cardinality(post_ids)]
        WHERE r.consumer = place.consumer AND r.place_id = place.place_id;
    ELSE
        DELETE FROM reindexed_places r WHERE r.consumer = place.consumer AND r.place_id = place.place_id;
    END IF;
    types := coalesce(types, '{}');
    ids := coalesce(ids, '{}');
    is_last := NOT EXISTS (SELECT FROM reindexed_places r WHERE r.consumer = next_reindexed_documents.consumer);
END $$;
