-- What uses uploads: the attachments of messages and posts, and the pictures of users and forums.

-- Attachments are [{"id", "alt", "spoiler"}], in the order in which they are shown.
CREATE FUNCTION attached_ids(attachments jsonb) RETURNS uuid[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg((each.item ->> 'id')::uuid ORDER BY each.place), '{}')
    FROM jsonb_array_elements(attachments) WITH ORDINALITY AS each (item, place)
$$;

-- The pictures of previews.
CREATE FUNCTION pictured_ids(previews jsonb) RETURNS uuid[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg((item -> 'picture' ->> 'id')::uuid) FILTER (WHERE item -> 'picture' ->> 'id' IS NOT NULL), '{}')
    FROM jsonb_array_elements(previews) AS item
$$;

-- Ends the use of uploads. What nothing uses any more is marked as deleted. The uploads are locked first, so that of two
-- deletions at the same time the second sees the first.
CREATE FUNCTION free_uploads(freed uuid[], use_kind text, owner uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM uploads u WHERE u.id = ANY (freed) ORDER BY u.id FOR UPDATE;
    DELETE FROM upload_uses s WHERE s.used_by = owner AND s.kind = use_kind AND s.upload_id = ANY (freed);
    UPDATE uploads u SET deleted_at = now()
    WHERE u.id = ANY (freed) AND u.deleted_at IS NULL AND NOT EXISTS (SELECT FROM upload_uses s WHERE s.upload_id = u.id);
END $$;

-- Writes and deletes the uses of a row's attachments or, with the kind `preview`, of the pictures of its previews, whichever
-- statement changes them.
CREATE FUNCTION keep_upload_uses() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept  uuid[] := '{}';
    freed uuid[] := '{}';
    owner uuid;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        owner := NEW.id;
        kept := CASE TG_ARGV[0] WHEN 'preview' THEN pictured_ids(NEW.previews) ELSE attached_ids(NEW.attachments) END;
        INSERT INTO upload_uses (upload_id, kind, used_by) SELECT id, TG_ARGV[0], owner FROM unnest(kept) AS id
        ON CONFLICT DO NOTHING;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        owner := OLD.id;
        freed := CASE TG_ARGV[0] WHEN 'preview' THEN pictured_ids(OLD.previews) ELSE attached_ids(OLD.attachments) END;
        freed := ARRAY(SELECT unnest(freed) EXCEPT SELECT unnest(kept));
        PERFORM free_uploads(freed, TG_ARGV[0], owner);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER messages_attached AFTER INSERT ON messages FOR EACH ROW
    WHEN (NEW.attachments <> '[]') EXECUTE FUNCTION keep_upload_uses('message');
CREATE TRIGGER messages_reattached AFTER UPDATE OF attachments ON messages FOR EACH ROW
    WHEN (OLD.attachments <> NEW.attachments) EXECUTE FUNCTION keep_upload_uses('message');
CREATE TRIGGER messages_detached AFTER DELETE ON messages FOR EACH ROW
    WHEN (OLD.attachments <> '[]') EXECUTE FUNCTION keep_upload_uses('message');

CREATE TRIGGER posts_attached AFTER INSERT ON posts FOR EACH ROW
    WHEN (NEW.attachments <> '[]') EXECUTE FUNCTION keep_upload_uses('post');
CREATE TRIGGER posts_reattached AFTER UPDATE OF attachments ON posts FOR EACH ROW
    WHEN (OLD.attachments <> NEW.attachments) EXECUTE FUNCTION keep_upload_uses('post');
CREATE TRIGGER posts_detached AFTER DELETE ON posts FOR EACH ROW
    WHEN (OLD.attachments <> '[]') EXECUTE FUNCTION keep_upload_uses('post');
