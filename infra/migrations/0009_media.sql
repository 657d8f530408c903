-- Uploads: files that people sent, and what uses them.

-- `size` is what was claimed, and of a ready upload the size of its first object, the file itself. `objects` are the names below
-- media/<id>/ or public/<id>/ in the bucket. `claim`: of the worker that processes it, which renews `claimed_until` as long as it
-- runs. `deleted_at`: its objects are to be removed, and then the row.
CREATE TABLE uploads (
    id           uuid PRIMARY KEY,
    user_id      uuid REFERENCES users, -- null: the picture of a link preview
    purpose      text NOT NULL DEFAULT 'attachment'
                 CHECK (purpose IN ('attachment', 'avatar', 'icon', 'banner', 'emoji', 'voice', 'preview')),
    status       text NOT NULL CHECK (status IN ('pending', 'processing', 'ready', 'refused')),
    reason       text,
    filename     text NOT NULL,
    content_type text NOT NULL,
    size         bigint NOT NULL,
    checksum     text,
    multipart_id text,
    kind         text CHECK (kind IN ('image', 'video', 'audio', 'file')),
    width        integer,
    height       integer,
    duration_ms  integer,
    animated     boolean NOT NULL DEFAULT false,
    placeholder  text,
    waveform     text,
    objects      jsonb NOT NULL DEFAULT '[]',
    claim        uuid,
    claimed_until timestamptz,
    stored_bytes bigint NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    ready_at     timestamptz,
    deleted_at   timestamptz,
    CHECK ((user_id IS NULL) = (purpose = 'preview'))
) WITH (fillfactor = 70);
CREATE INDEX uploads_of_user ON uploads (user_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX uploads_not_ready ON uploads (created_at) WHERE status <> 'ready' AND deleted_at IS NULL;
CREATE INDEX uploads_by_readiness ON uploads (ready_at) WHERE status = 'ready' AND deleted_at IS NULL;
CREATE INDEX uploads_deleted ON uploads (deleted_at) WHERE deleted_at IS NOT NULL;

-- What keeps an upload, and through what it is seen. `used_by`: the id of the message, post, user, forum …
CREATE TABLE upload_uses (
    upload_id uuid NOT NULL REFERENCES uploads ON DELETE CASCADE,
    kind      text NOT NULL,
    used_by   uuid NOT NULL,
    PRIMARY KEY (upload_id, kind, used_by)
);
CREATE INDEX upload_uses_of ON upload_uses (used_by, kind);

-- A user's plan, where it is not the usual one. The plans are in Python (cgraph.media.uploads.rules).
CREATE TABLE upload_plans (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    plan    text NOT NULL
);

-- What a user's uploads take, kept with each write, and how many they began in the hour from `hour_at`.
CREATE TABLE upload_usage (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    bytes   bigint NOT NULL DEFAULT 0,
    hour_at timestamptz NOT NULL DEFAULT '-infinity',
    begun   integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- The claimed size counts until it is known what is stored. A deleted upload counts no more, although its objects are removed later.
CREATE FUNCTION bytes_of_upload(upload uploads) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN upload.deleted_at IS NOT NULL OR upload.status = 'refused' THEN 0
                WHEN upload.status = 'ready' THEN upload.stored_bytes
                ELSE upload.size END
$$;

CREATE FUNCTION count_upload_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint := 0;
BEGIN
    IF TG_OP <> 'DELETE' THEN change := change + bytes_of_upload(NEW); END IF;
    IF TG_OP <> 'INSERT' THEN change := change - bytes_of_upload(OLD); END IF;
    IF change <> 0 AND coalesce(NEW.user_id, OLD.user_id) IS NOT NULL THEN
        INSERT INTO upload_usage AS u (user_id, bytes) VALUES (coalesce(NEW.user_id, OLD.user_id), change)
        ON CONFLICT (user_id) DO UPDATE SET bytes = u.bytes + change;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_bytes AFTER INSERT OR UPDATE OR DELETE ON uploads FOR EACH ROW EXECUTE FUNCTION count_upload_bytes();
