-- Previews of links. What shows them is a message, a post or a comment (`kind`).

-- Those of the texts that are neither deleted nor removed (`kinds` and `ids` belong together), with what they link to and what
-- they show. `url`: of a post of the kind `link`. `link_previews`: whether their conversation or forum has previews.
--
-- Messages are read within the bounds of their ids: so it opens only their months.
CREATE OR REPLACE FUNCTION texts_with_previews(kinds text[], ids uuid[]) RETURNS TABLE (
    kind text, id uuid, url text, html text, previews jsonb, link_previews boolean
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    message_ids uuid[] := ARRAY (SELECT k.id FROM unnest(kinds, ids) AS k (kind, id) WHERE k.kind = 'message' ORDER BY k.id);
    post_ids    uuid[] := ARRAY (SELECT k.id FROM unnest(kinds, ids) AS k (kind, id) WHERE k.kind = 'post');
    comment_ids uuid[] := ARRAY (SELECT k.id FROM unnest(kinds, ids) AS k (kind, id) WHERE k.kind = 'comment');
BEGIN
    RETURN QUERY
    SELECT 'message', m.id, NULL::text, m.content_html, m.previews, c.link_previews
    FROM messages m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.id = ANY (message_ids) AND m.id >= message_ids[1] AND m.id <= message_ids[cardinality(message_ids)]
      AND m.deleted_at IS NULL;
    RETURN QUERY
    SELECT 'post', p.id, p.url, p.body_html, p.previews, f.link_previews
    FROM posts p JOIN forums f ON f.id = p.forum_id
    WHERE p.id = ANY (post_ids) AND p.deleted_at IS NULL AND p.removed_at IS NULL;
    RETURN QUERY
    SELECT 'comment', c.id, NULL::text, c.body_html, c.previews, f.link_previews
    FROM comments c JOIN posts p ON p.id = c.post_id JOIN forums f ON f.id = p.forum_id
    WHERE c.id = ANY (comment_ids) AND c.deleted_at IS NULL AND c.removed_at IS NULL;
END $$;

-- Locks the streams in which a change of the previews is logged, until the transaction ends. A post may be moved to another forum
-- before its forum is locked: then it is looked up again.
CREATE OR REPLACE FUNCTION lock_streams_of(kind text, id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first_id uuid;
BEGIN
    CASE kind
    WHEN 'message' THEN
        first_id := (SELECT m.conversation_id FROM message_by_id(id) m);
    WHEN 'comment' THEN
        first_id := (SELECT c.post_id FROM comments c WHERE c.id = lock_streams_of.id);
    ELSE
        first_id := (SELECT p.forum_id FROM posts p WHERE p.id = lock_streams_of.id);
    END CASE;
    PERFORM FROM streams s WHERE s.id = first_id FOR NO KEY UPDATE;
    IF kind = 'post' THEN
        IF first_id IS DISTINCT FROM (SELECT p.forum_id FROM posts p WHERE p.id = lock_streams_of.id) THEN
            PERFORM lock_streams_of(kind, id);
            RETURN;
        END IF;
        PERFORM FROM streams s WHERE s.id = lock_streams_of.id FOR NO KEY UPDATE;
    END IF;
END $$;

-- What pages say about themselves, in the order of `preview_ids`, without those that failed. Their pictures are locked until the
-- transaction ends, so that none is deleted before its use is written.
CREATE OR REPLACE FUNCTION previews_of(preview_ids uuid[]) RETURNS TABLE (preview jsonb) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM uploads u
    WHERE u.id IN (SELECT p.picture_id FROM link_previews p WHERE p.id = ANY (preview_ids)) ORDER BY u.id FOR SHARE;
    RETURN QUERY
    SELECT jsonb_build_object('url', p.url, 'title', p.title, 'description', p.description, 'site', p.site, 'picture', (
               SELECT picture_of(u) FROM uploads u
               WHERE u.id = p.picture_id AND u.status = 'ready' AND u.deleted_at IS NULL))
    FROM unnest(preview_ids) WITH ORDINALITY AS wanted (id, ordinal)
    JOIN link_previews p ON p.id = wanted.id
    WHERE p.fetched_at IS NOT NULL AND p.failed IS NULL
    ORDER BY wanted.ordinal;
END $$;

-- Whether what is known of a page names a picture that was deleted meanwhile: then it has to be fetched again.
CREATE OR REPLACE FUNCTION is_picture_gone(preview link_previews) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN preview.picture_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM uploads u WHERE u.id = preview.picture_id AND u.deleted_at IS NULL);
END $$;

-- The picture that a page had before, if it is the same file and still there; null otherwise. So a result that comes twice
-- changes nothing.
CREATE OR REPLACE FUNCTION same_picture(preview_id uuid, digest text) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT u.id FROM link_previews p JOIN uploads u ON u.id = p.picture_id
            WHERE p.id = preview_id AND u.checksum = digest AND u.status = 'ready' AND u.deleted_at IS NULL);
END $$;

-- Deletes some of what has expired, and some waits for pages that never came.
CREATE OR REPLACE FUNCTION forget_old_previews(now_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM link_previews p WHERE p.id IN (
        SELECT old.id FROM link_previews old WHERE old.expires_at < now_at - interval '1 day'
        ORDER BY old.expires_at LIMIT 20 FOR UPDATE SKIP LOCKED);
    DELETE FROM preview_waits w WHERE (w.preview_id, w.text_id) IN (
        SELECT old.preview_id, old.text_id FROM preview_waits old WHERE old.created_at < now_at - interval '1 hour'
        ORDER BY old.created_at LIMIT 20 FOR UPDATE SKIP LOCKED);
END $$;
