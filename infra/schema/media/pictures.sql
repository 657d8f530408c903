-- Avatars, icons, banners and emoji.

-- A picture as rows keep it and as it is shown, from its upload.
CREATE OR REPLACE FUNCTION picture_of(upload uploads) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_object_agg(shown.key, shown.value) FROM jsonb_each(upload_json(upload)::jsonb) AS shown
            WHERE shown.key IN ('id', 'width', 'height', 'animated', 'path', 'url', 'thumbnails'));
END $$;

-- The picture of a user's upload for one purpose, as rows keep it and as it is shown; or why it cannot be taken (`refusal`): it
-- must be the user's own, ready, and have this purpose. Without an id both are null. The upload is locked until the
-- transaction ends, so that it is not deleted before its use is written.
CREATE OR REPLACE FUNCTION take_picture(owner_id uuid, upload_id uuid, for_purpose text, OUT refusal text, OUT picture jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    found_row uploads;
BEGIN
    IF upload_id IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO found_row FROM uploads u
    WHERE u.id = upload_id AND u.user_id = owner_id AND u.purpose = for_purpose AND u.deleted_at IS NULL AND u.status <> 'refused'
    FOR SHARE;
    IF NOT FOUND THEN
        refusal := 'upload_not_found';
    ELSIF found_row.status <> 'ready' THEN
        refusal := 'upload_not_ready';
    ELSE
        picture := picture_of(found_row);
    END IF;
END $$;
