-- Attachments of messages, posts and comments: [{"id", "alt", "spoiler"}].

-- As they are shown: each upload with its alt text.
CREATE OR REPLACE FUNCTION attachments_json(attachments jsonb) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((
        SELECT json_agg(upload_json(u)::jsonb || jsonb_build_object('alt', each.item -> 'alt', 'spoiler', each.item -> 'spoiler')
                        ORDER BY each.place)
        FROM jsonb_array_elements(attachments) WITH ORDINALITY AS each (item, place)
        JOIN uploads u ON u.id = (each.item ->> 'id')::uuid), '[]');
END $$;

-- Why these uploads cannot be attached by a user, null if they can: all must be the user's own, ready, and attachments by their
-- purpose. They are locked until the transaction ends, so that none is deleted before its use is written.
CREATE OR REPLACE FUNCTION attachment_refusal(owner_id uuid, attachments jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    wanted  uuid[] := attached_ids(attachments);
    known   integer;
    pending integer;
BEGIN
    PERFORM FROM uploads u WHERE u.id = ANY (wanted) ORDER BY u.id FOR SHARE;
    SELECT count(*), count(*) FILTER (WHERE u.status <> 'ready') INTO known, pending
    FROM uploads u
    WHERE u.id = ANY (wanted) AND u.user_id = owner_id AND u.deleted_at IS NULL AND u.status <> 'refused'
      AND u.purpose IN ('attachment', 'voice');
    RETURN CASE WHEN known < cardinality(wanted) THEN 'upload_not_found' WHEN pending > 0 THEN 'upload_not_ready' END;
END $$;

-- The names and alt texts of attachments, after the text that they belong to.
CREATE OR REPLACE FUNCTION attachment_words(attachments jsonb) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF attachments = '[]' THEN
        RETURN '';
    END IF;
    RETURN (SELECT string_agg(concat(E'\n', u.filename, ' ', each.item ->> 'alt'), '' ORDER BY each.place)
            FROM jsonb_array_elements(attachments) WITH ORDINALITY AS each (item, place)
            JOIN uploads u ON u.id = (each.item ->> 'id')::uuid);
END $$;

-- What a search finds them by: `attachment`, and the kinds of the files.
CREATE OR REPLACE FUNCTION attachment_features(attachments jsonb) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF attachments = '[]' THEN
        RETURN '{}';
    END IF;
    RETURN array_prepend('attachment', ARRAY (
        SELECT DISTINCT u.kind FROM uploads u WHERE u.id = ANY (attached_ids(attachments)) AND u.kind IS NOT NULL));
END $$;
