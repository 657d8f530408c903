-- Conversations, their members, messages and reactions.

-- A direct conversation between two users exists once: `direct_key` is the two ids, the lesser one first.
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

-- The unread count is conversations.message_count - read_count: it is kept, not counted when read. `active_at` orders a
-- member's list. In a small conversation each message writes it; in a large one (`large`) the list reads the conversation's.
-- Until `muted_until` the member gets no notifications of the conversation; 'infinity' means without an end.
CREATE TABLE conversation_members (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role            text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    joined_at       timestamptz NOT NULL,
    large           boolean NOT NULL,
    active_at       timestamptz NOT NULL,
    last_read_seq   bigint NOT NULL DEFAULT 0,
    read_count      bigint NOT NULL DEFAULT 0,
    muted_until     timestamptz,
    PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 70);
CREATE INDEX conversation_members_by_activity ON conversation_members (user_id, large, active_at DESC, conversation_id DESC);

-- Partitioned by the time in the id, so that one id is enough to find its partition. `ordinal` numbers the messages of a
-- conversation (`seq` also counts its other events): unread counts are computed from it.
CREATE TABLE messages (
    id                     uuid NOT NULL,
    conversation_id        uuid NOT NULL,
    seq                    bigint NOT NULL,
    ordinal                bigint NOT NULL,
    author_id              uuid NOT NULL,
    content                text NOT NULL,
    content_html           text NOT NULL DEFAULT '',
    reply_to               uuid,
    created_at             timestamptz NOT NULL,
    version                integer NOT NULL DEFAULT 1,
    edited_at              timestamptz,
    deleted_at             timestamptz,
    reply_count            integer NOT NULL DEFAULT 0,
    mentions               uuid[] NOT NULL DEFAULT '{}',
    mentions_everyone      text CHECK (mentions_everyone IN ('everyone', 'here')),
    attachments            uuid[] NOT NULL DEFAULT '{}',
    pinned_at              timestamptz,
    pinned_by              uuid,
    reactions              jsonb NOT NULL DEFAULT '{}', -- {emoji: count}; updated with each reaction, never counted when read
    reactions_published_at timestamptz,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX messages_by_conversation ON messages (conversation_id, seq);
CREATE INDEX messages_pinned ON messages (conversation_id, pinned_at) WHERE pinned_at IS NOT NULL;
CREATE INDEX messages_by_parent ON messages (reply_to) WHERE reply_to IS NOT NULL;

-- As events_default.
CREATE TABLE messages_default PARTITION OF messages DEFAULT;

CREATE TABLE reactions (
    message_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    emoji      text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, user_id, emoji)
);

-- Changes that the next `message.reacted` event of the message will contain. There is at most one such event in two seconds.
CREATE TABLE pending_reactions (
    message_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    emoji      text NOT NULL,
    added      boolean NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, user_id, emoji)
);
