-- Uploads: what is shown of them, quotas, and the steps from a request to a file that is ready.

-- Where an object of an upload is in the bucket: what is an avatar, icon, banner or emoji is public. Null while there is no object.
CREATE OR REPLACE FUNCTION object_path(upload uploads, object jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN upload.purpose IN ('attachment', 'voice') THEN 'media/' ELSE 'public/' END
           || upload.id || '/' || (object ->> 'name')
$$;

-- An upload as everybody sees it who may. URLs are filled in by Python, from the paths: in an event they stay null.
CREATE OR REPLACE FUNCTION upload_json(upload uploads) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object(
        'id', upload.id, 'kind', upload.kind, 'filename', upload.filename, 'content_type', upload.content_type,
        'size', upload.size, 'width', upload.width, 'height', upload.height, 'duration_ms', upload.duration_ms,
        'animated', upload.animated, 'placeholder', upload.placeholder, 'waveform', upload.waveform,
        'path', object_path(upload, upload.objects -> 0), 'url', NULL,
        'thumbnails', coalesce((
            SELECT json_agg(json_build_object('width', o.object -> 'width', 'height', o.object -> 'height',
                                              'path', object_path(upload, o.object), 'url', NULL)
                            ORDER BY o.place)
            FROM jsonb_array_elements(upload.objects) WITH ORDINALITY AS o (object, place)
            WHERE o.place > 1), '[]'));
END $$;

-- An upload as its owner sees it: also while it is no file yet, and why it was refused.
CREATE OR REPLACE FUNCTION own_upload_json(upload uploads) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (upload_json(upload)::jsonb || jsonb_build_object(
        'status', upload.status, 'reason', upload.reason, 'purpose', upload.purpose,
        'created_at', rfc3339(upload.created_at), 'ready_at', rfc3339(upload.ready_at)))::json;
END $$;

-- Writes a pending upload, unless it would exceed the quota. Returns `created`, `storage_full` or `too_many_uploads`. The row of
-- the user's usage is locked, so that requests at the same time are counted one after the other.
CREATE OR REPLACE FUNCTION create_upload(new_upload uploads, most_bytes bigint, most_an_hour integer) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    used    upload_usage;
    in_hour boolean;
BEGIN
    INSERT INTO upload_usage (user_id) VALUES (new_upload.user_id) ON CONFLICT DO NOTHING;
    SELECT * INTO used FROM upload_usage u WHERE u.user_id = new_upload.user_id FOR UPDATE;
    in_hour := used.hour_at > new_upload.created_at - interval '1 hour';
    IF in_hour AND used.begun >= most_an_hour THEN
        RETURN 'too_many_uploads';
    END IF;
    IF used.bytes + new_upload.size > most_bytes THEN
        RETURN 'storage_full';
    END IF;
    UPDATE upload_usage u
    SET hour_at = CASE WHEN in_hour THEN u.hour_at ELSE new_upload.created_at END,
        begun = CASE WHEN in_hour THEN u.begun + 1 ELSE 1 END
    WHERE u.user_id = new_upload.user_id;
    INSERT INTO uploads SELECT new_upload.*;
    RETURN 'created';
END $$;

-- Marks an upload as deleted, unless something uses it. Returns no row if the user has no such upload. A statement that
-- begins to use it locks its row first (FOR SHARE) and looks at deleted_at: either the use is seen here, or the deletion there.
CREATE OR REPLACE FUNCTION delete_upload(id uuid, user_id uuid, now_at timestamptz)
    RETURNS TABLE (is_used boolean, is_deleted boolean) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM uploads u
    WHERE u.id = delete_upload.id AND u.user_id = delete_upload.user_id AND u.deleted_at IS NULL FOR UPDATE;
    IF FOUND THEN
        is_used := EXISTS (SELECT FROM upload_uses s WHERE s.upload_id = delete_upload.id);
        is_deleted := NOT is_used;
        IF is_deleted THEN
            UPDATE uploads u SET deleted_at = now_at WHERE u.id = delete_upload.id;
        END IF;
        RETURN NEXT;
    END IF;
END $$;

-- Marks as deleted what did not come or was refused before a time, and what became ready before it and is used by nothing. An upload
-- that is locked is being used or processed: the next run looks at it again. Returns how many.
CREATE OR REPLACE FUNCTION mark_unneeded_uploads(now_at timestamptz, before_at timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    unneeded uuid[];
BEGIN
    unneeded := ARRAY(
        SELECT u.id FROM uploads u
        WHERE u.status <> 'ready' AND u.deleted_at IS NULL AND u.created_at < before_at
        ORDER BY u.created_at LIMIT most FOR UPDATE SKIP LOCKED);
    unneeded := unneeded || ARRAY(
        SELECT u.id FROM uploads u
        WHERE u.status = 'ready' AND u.deleted_at IS NULL AND u.ready_at < before_at
          AND NOT EXISTS (SELECT FROM upload_uses s WHERE s.upload_id = u.id)
        ORDER BY u.ready_at LIMIT most FOR UPDATE SKIP LOCKED);
    UPDATE uploads u SET deleted_at = now_at WHERE u.id = ANY (unneeded);
    RETURN cardinality(unneeded);
END $$;

-- Ends the processing of an upload with a change to its columns, and logs `upload.ready` or `upload.refused` for its owner. Returns
-- `done` with the event, `gone` if the upload was deleted meanwhile, `before` if another worker was first: each once.
CREATE OR REPLACE FUNCTION finish_upload(id uuid, change jsonb, now_at timestamptz, OUT outcome text, OUT event jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    found_row uploads;
BEGIN
    SELECT * INTO found_row FROM uploads u WHERE u.id = finish_upload.id FOR UPDATE;
    IF NOT FOUND OR found_row.deleted_at IS NOT NULL THEN
        outcome := 'gone';
    ELSIF found_row.status IN ('ready', 'refused') THEN
        outcome := 'before';
    ELSE
        found_row := jsonb_populate_record(found_row, change);
        UPDATE uploads u
        SET status = found_row.status, reason = found_row.reason, kind = found_row.kind,
            content_type = found_row.content_type, size = found_row.size, width = found_row.width, height = found_row.height,
            duration_ms = found_row.duration_ms, animated = found_row.animated, placeholder = found_row.placeholder,
            waveform = found_row.waveform, objects = found_row.objects, stored_bytes = found_row.stored_bytes,
            ready_at = CASE WHEN found_row.status = 'ready' THEN now_at END
        WHERE u.id = finish_upload.id
        RETURNING * INTO found_row;
        outcome := 'done';
        event := log_event('user', found_row.user_id,
                           CASE found_row.status WHEN 'ready' THEN 'upload.ready' ELSE 'upload.refused' END,
                           jsonb_build_object('upload', own_upload_json(found_row)), now_at);
    END IF;
END $$;
