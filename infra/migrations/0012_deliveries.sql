-- What is sent outside of the API: by Web Push and by mail.

-- Made by the first function that needs one, and kept: browsers have subscribed to the one key, links in mails that were sent are
-- signed with the other. In Postgres, so that a restored stage has them too.
CREATE TABLE server_keys (
    name       text PRIMARY KEY,
    key        bytea NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON COLUMN server_keys.key IS 'secret';

-- Where a user's push messages go while the session that registered it lives. `endpoint`: the URL that the browser's push service
-- gave, or the token of a phone. With it and the other two anybody may have the browser show something.
CREATE TABLE devices (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    platform   text NOT NULL CHECK (platform IN ('web', 'apns', 'fcm')),
    endpoint   text NOT NULL UNIQUE,
    public_key bytea,
    auth       bytea,
    created_at timestamptz NOT NULL,
    CONSTRAINT devices_web_keys CHECK (platform <> 'web' OR (public_key IS NOT NULL AND auth IS NOT NULL))
);
COMMENT ON COLUMN devices.endpoint IS 'secret';
COMMENT ON COLUMN devices.auth IS 'secret';
CREATE INDEX devices_of_user ON devices (user_id, id);
CREATE INDEX devices_of_session ON devices (session_id);

-- What is to be sent about a notification unless it is read before. `sent_at`: when it was handed to the queue of its channel;
-- from then on it is not sent again. `reason`: why it was cancelled.
CREATE TABLE deliveries (
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    notification_id uuid NOT NULL,
    channel         text NOT NULL CHECK (channel IN ('push', 'mail', 'digest')),
    due_at          timestamptz NOT NULL,
    attempt         smallint NOT NULL DEFAULT 0,
    sent_at         timestamptz,
    cancelled_at    timestamptz,
    reason          text,
    PRIMARY KEY (user_id, notification_id, channel)
);
CREATE INDEX deliveries_due ON deliveries (due_at, user_id) WHERE sent_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX deliveries_done ON deliveries (due_at) WHERE sent_at IS NOT NULL OR cancelled_at IS NOT NULL;

-- Addresses, in lower case, that get no mail any more: it came back for good, or its reader called it spam.
CREATE TABLE mail_suppressions (
    email      text PRIMARY KEY,
    reason     text NOT NULL CHECK (reason IN ('bounce', 'complaint')),
    created_at timestamptz NOT NULL
);
