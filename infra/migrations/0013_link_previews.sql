-- Previews of the links in messages: what was fetched, which messages wait for it, and what each message shows.

-- What is known of the pages behind links. `id` is made of the URL (cgraph.media.previews.links.preview_id). Without
-- `fetched_at` nothing was fetched yet; `failed`: why there is no preview. Rows are deleted a day after they have expired.
CREATE TABLE link_previews (
    id           uuid PRIMARY KEY,
    url          text NOT NULL,
    title        text NOT NULL DEFAULT '',
    description  text NOT NULL DEFAULT '',
    site         text NOT NULL DEFAULT '',
    failed       text,
    requested_at timestamptz NOT NULL,
    fetched_at   timestamptz,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX link_previews_by_expiry ON link_previews (expires_at);

-- Messages whose previews are written once the page is fetched.
CREATE TABLE preview_waits (
    preview_id  uuid NOT NULL,
    message_id  uuid NOT NULL,
    created_at  timestamptz NOT NULL,
    is_answered boolean NOT NULL DEFAULT false,
    PRIMARY KEY (preview_id, message_id)
);
CREATE INDEX preview_waits_by_message ON preview_waits (message_id);
CREATE INDEX preview_waits_by_age ON preview_waits (created_at);

-- [{"url", "title", "description", "site"}] as they were when they were written: a list of messages reads no other table.
ALTER TABLE messages ADD COLUMN previews jsonb NOT NULL DEFAULT '[]';

-- Whether links in the messages of a group get previews.
ALTER TABLE conversations ADD COLUMN link_previews boolean NOT NULL DEFAULT true;
