-- Previews of links in messages, posts and comments: what was fetched, what waits for it, and what each of them shows.

-- What is known of the pages behind links. `id` is made of the URL (cgraph.media.previews.links.preview_id). Without
-- `fetched_at` nothing was fetched yet; `failed`: why there is no preview. `picture_id`: the upload with the picture of the page;
-- it is deleted when nothing shows it any more. Rows are deleted a day after they have expired.
CREATE TABLE link_previews (
    id           uuid PRIMARY KEY,
    url          text NOT NULL,
    title        text NOT NULL DEFAULT '',
    description  text NOT NULL DEFAULT '',
    site         text NOT NULL DEFAULT '',
    picture_id   uuid,
    failed       text,
    requested_at timestamptz NOT NULL,
    fetched_at   timestamptz,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX link_previews_by_expiry ON link_previews (expires_at);

-- Messages, posts and comments whose previews are written once the page is fetched.
CREATE TABLE preview_waits (
    preview_id  uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('message', 'post', 'comment')),
    text_id     uuid NOT NULL,
    created_at  timestamptz NOT NULL,
    is_answered boolean NOT NULL DEFAULT false,
    PRIMARY KEY (preview_id, text_id)
);
CREATE INDEX preview_waits_by_text ON preview_waits (text_id);
CREATE INDEX preview_waits_by_age ON preview_waits (created_at);

-- [{"url", "title", "description", "site", "picture"}] as they were when they were written: a list reads no other table.
ALTER TABLE messages ADD COLUMN previews jsonb NOT NULL DEFAULT '[]';
ALTER TABLE posts ADD COLUMN previews jsonb NOT NULL DEFAULT '[]';
ALTER TABLE comments ADD COLUMN previews jsonb NOT NULL DEFAULT '[]';

CREATE TRIGGER messages_previewed AFTER UPDATE OF previews ON messages FOR EACH ROW
    WHEN (OLD.previews <> NEW.previews) EXECUTE FUNCTION keep_upload_uses('preview');
CREATE TRIGGER messages_unpreviewed AFTER DELETE ON messages FOR EACH ROW
    WHEN (OLD.previews <> '[]') EXECUTE FUNCTION keep_upload_uses('preview');
CREATE TRIGGER posts_previewed AFTER UPDATE OF previews ON posts FOR EACH ROW
    WHEN (OLD.previews <> NEW.previews) EXECUTE FUNCTION keep_upload_uses('preview');
CREATE TRIGGER posts_unpreviewed AFTER DELETE ON posts FOR EACH ROW
    WHEN (OLD.previews <> '[]') EXECUTE FUNCTION keep_upload_uses('preview');
CREATE TRIGGER comments_previewed AFTER UPDATE OF previews ON comments FOR EACH ROW
    WHEN (OLD.previews <> NEW.previews) EXECUTE FUNCTION keep_upload_uses('preview');
CREATE TRIGGER comments_unpreviewed AFTER DELETE ON comments FOR EACH ROW
    WHEN (OLD.previews <> '[]') EXECUTE FUNCTION keep_upload_uses('preview');

-- Whether links in the messages of a group, or in the posts and comments of a forum, get previews.
ALTER TABLE conversations ADD COLUMN link_previews boolean NOT NULL DEFAULT true;
ALTER TABLE forums ADD COLUMN link_previews boolean NOT NULL DEFAULT true;
