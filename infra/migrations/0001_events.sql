-- Streams, their events, and the nonces that make a write repeatable.
--
-- Everything a client follows is a stream. A change takes the next number of its stream by UPDATE … SET head = head + 1,
-- in the transaction that writes it: the row's lock makes the order of commits equal to the order of numbers.

-- `id` is that of the user, the conversation, the forum or the post. Half of each page is left free, so that an increment of
-- `head` stays a heap-only update.
CREATE TABLE streams (
    id   uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('user', 'conv', 'forum', 'post')),
    head bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- One row for each durable change, written in the statement that changes the state. `xid` lets a consumer read in the order
-- of commits: everything below pg_snapshot_xmin(pg_current_snapshot()) is complete.
CREATE TABLE events (
    stream_id  uuid NOT NULL,
    seq        bigint NOT NULL,
    type       text NOT NULL,
    payload    jsonb NOT NULL,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (stream_id, seq, created_at)
) PARTITION BY RANGE (created_at);

-- make_partitions() makes one partition a month, some months ahead. A row without a month of its own goes here and is kept,
-- not refused.
CREATE TABLE events_default PARTITION OF events DEFAULT;

-- When a message, a post or a comment is deleted, its text is also removed from the log; when a message is edited, the log has
-- the new text. These indexes find the events that contain it. `message.deleted` may contain the message before it.
CREATE INDEX events_that_repeat
    ON events (coalesce(payload -> 'last_message' ->> 'id', payload -> 'message' ->> 'id',
                        payload -> 'conversation' -> 'last_message' ->> 'id'))
    WHERE type IN ('message.updated', 'message.deleted', 'conversation.joined');
CREATE INDEX events_of_posts ON events ((payload -> 'post' ->> 'id'))
    WHERE type IN ('post.created', 'post.updated', 'post.moved', 'post.restored');
CREATE INDEX events_of_comments ON events ((payload -> 'comment' ->> 'id'))
    WHERE type IN ('comment.created', 'comment.updated');

-- What a reader alone sees in a stream that others follow too, such as a comment under a shadow ban. The reader's `number`-th
-- own event comes after the first `after_seq` events of the stream; from there on the reader's numbers of the stream are
-- higher than those of others. The event itself is in `events`; infra/schema/forums/own_events.sql says where.
-- A row with the number 0 says only that the reader sees other counts than the others do.
CREATE TABLE own_events (
    stream_id uuid NOT NULL,
    user_id   uuid NOT NULL,
    number    bigint NOT NULL,
    after_seq bigint NOT NULL,
    PRIMARY KEY (stream_id, user_id, number)
);

-- The client's name for one write. The result is the event that the write made, so that a retry gets the first answer again.
CREATE TABLE nonces (
    user_id    uuid NOT NULL,
    nonce      text NOT NULL,
    body_hash  bytea NOT NULL,
    stream_id  uuid NOT NULL,
    seq        bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, nonce)
);
CREATE INDEX nonces_by_age ON nonces USING brin (created_at);
