-- People, sessions, streams, conversations and messages.
--
-- Everything a client follows is a stream. A change takes the next number of its stream by UPDATE … SET head = head + 1,
-- in the transaction that writes it: the row's lock makes commit order equal number order.

CREATE FUNCTION rfc3339(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- The least UUIDv7 of a moment: the bound of a partition whose key is an id.
CREATE FUNCTION uuid7_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN rpad(lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid;

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    username      text NOT NULL,
    email         text NOT NULL,
    password_hash text NOT NULL,
    display_name  text NOT NULL,
    bio           text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

-- One row is one family of tokens; tokens are stored as SHA-256 only.
CREATE TABLE sessions (
    id                uuid PRIMARY KEY,
    user_id           uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    device            text NOT NULL,
    created_at        timestamptz NOT NULL,
    last_used_at      timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    ended_at          timestamptz,
    access_hash       bytea NOT NULL,
    access_expires_at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX sessions_by_user ON sessions (user_id, last_used_at DESC);

-- Spent ones stay, so that a reuse is seen. `sealed`: the successors, readable only with this very token (grace).
CREATE TABLE refresh_tokens (
    hash       bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    used_at    timestamptz,
    sealed     bytea
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- `id` is that of the thing followed: a person, a conversation. Half of each page is left free, so that
-- counting up stays a heap-only update.
CREATE TABLE streams (
    id   uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('user', 'conv')),
    head bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- One row for each durable change, written in the statement that changes the state. `xid` lets a consumer read in
-- commit order: what is below pg_snapshot_xmin(pg_current_snapshot()) is complete.
CREATE TABLE events (
    stream_id  uuid NOT NULL,
    seq        bigint NOT NULL,
    type       text NOT NULL,
    payload    jsonb NOT NULL,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (stream_id, seq, created_at)
) PARTITION BY RANGE (created_at);

-- A client's name for one write. The result is the event it made, so the first answer can be given again.
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

-- A direct conversation between two people exists once: `direct_key` is the pair, the lesser id first.
CREATE TABLE conversations (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('direct', 'group')),
    name            text,
    direct_key      text,
    created_by      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    member_count    integer NOT NULL,
    message_count   bigint NOT NULL DEFAULT 0,
    last_message_id uuid,
    active_at       timestamptz NOT NULL,
    CONSTRAINT conversations_direct_key UNIQUE (direct_key)
) WITH (fillfactor = 70);

-- Unread is conversations.message_count - read_count: kept, never counted. `active_at` orders a person's list; it is
-- written with each message in a small conversation, and read from the conversation in a large one (`large`).
CREATE TABLE conversation_members (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role            text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    joined_at       timestamptz NOT NULL,
    large           boolean NOT NULL,
    active_at       timestamptz NOT NULL,
    last_read_seq   bigint NOT NULL DEFAULT 0,
    read_count      bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 70);
CREATE INDEX conversation_members_by_activity ON conversation_members (user_id, large, active_at DESC, conversation_id DESC);

-- Partitioned by the time in the id, so that one id finds its partition. `ordinal` is the message's place among the
-- conversation's messages (seq also counts other events): what unread counts are made of.
CREATE TABLE messages (
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seq             bigint NOT NULL,
    ordinal         bigint NOT NULL,
    author_id       uuid NOT NULL,
    content         text NOT NULL,
    reply_to        uuid,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX messages_by_conversation ON messages (conversation_id, seq);

-- Makes the partitions of the month of `moment`; safe to call again and from two places at once. It acts as the owner,
-- because the functions' role makes nothing.
CREATE FUNCTION make_partitions(moment timestamptz) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public AS $$
DECLARE
    first timestamptz := date_trunc('month', moment, 'UTC');
    last  timestamptz := date_trunc('month', moment, 'UTC') + interval '1 month';
    name  text := to_char(moment AT TIME ZONE 'UTC', '"y"YYYY"m"MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('make_partitions'));
    EXECUTE format('CREATE TABLE IF NOT EXISTS events_%s PARTITION OF events FOR VALUES FROM (%L) TO (%L)',
                   name, first, last);
    EXECUTE format('CREATE TABLE IF NOT EXISTS messages_%s PARTITION OF messages FOR VALUES FROM (%L) TO (%L)',
                   name, uuid7_floor(first), uuid7_floor(last));
END $$;

-- A net below the partitions made ahead: a row without a month of its own is kept, not refused.
CREATE TABLE events_default PARTITION OF events DEFAULT;
CREATE TABLE messages_default PARTITION OF messages DEFAULT;
