-- Pictures of users and forums, and the emoji of forums. A row keeps the picture as it is shown (see take_picture()): an upload
-- that is ready does not change.

ALTER TABLE users ADD COLUMN avatar jsonb;
ALTER TABLE forums ADD COLUMN icon jsonb, ADD COLUMN banner jsonb;

CREATE TABLE forum_emoji (
    id         uuid PRIMARY KEY,
    forum_id   uuid NOT NULL REFERENCES forums ON DELETE CASCADE,
    name       text NOT NULL,
    picture    jsonb NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (forum_id, name)
);

-- Writes and deletes the use of a row's picture. Arguments: the kind of the use, and the column.
CREATE FUNCTION keep_picture_use() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept  uuid;
    freed uuid;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        kept := to_jsonb(NEW) -> TG_ARGV[1] ->> 'id';
        INSERT INTO upload_uses (upload_id, kind, used_by) SELECT kept, TG_ARGV[0], NEW.id WHERE kept IS NOT NULL
        ON CONFLICT DO NOTHING;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        freed := to_jsonb(OLD) -> TG_ARGV[1] ->> 'id';
        IF freed IS DISTINCT FROM kept THEN
            PERFORM free_uploads(ARRAY[freed], TG_ARGV[0], OLD.id);
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER users_pictured AFTER UPDATE OF avatar ON users FOR EACH ROW
    WHEN (OLD.avatar IS DISTINCT FROM NEW.avatar) EXECUTE FUNCTION keep_picture_use('avatar', 'avatar');
CREATE TRIGGER users_unpictured AFTER DELETE ON users FOR EACH ROW
    WHEN (OLD.avatar IS NOT NULL) EXECUTE FUNCTION keep_picture_use('avatar', 'avatar');

CREATE TRIGGER forums_pictured AFTER UPDATE OF icon ON forums FOR EACH ROW
    WHEN (OLD.icon IS DISTINCT FROM NEW.icon) EXECUTE FUNCTION keep_picture_use('forum_icon', 'icon');
CREATE TRIGGER forums_unpictured AFTER DELETE ON forums FOR EACH ROW
    WHEN (OLD.icon IS NOT NULL) EXECUTE FUNCTION keep_picture_use('forum_icon', 'icon');
CREATE TRIGGER forums_bannered AFTER UPDATE OF banner ON forums FOR EACH ROW
    WHEN (OLD.banner IS DISTINCT FROM NEW.banner) EXECUTE FUNCTION keep_picture_use('forum_banner', 'banner');
CREATE TRIGGER forums_unbannered AFTER DELETE ON forums FOR EACH ROW
    WHEN (OLD.banner IS NOT NULL) EXECUTE FUNCTION keep_picture_use('forum_banner', 'banner');

CREATE TRIGGER forum_emoji_pictured AFTER INSERT OR UPDATE OF picture OR DELETE ON forum_emoji FOR EACH ROW
    EXECUTE FUNCTION keep_picture_use('emoji', 'picture');
