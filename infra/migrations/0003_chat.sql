-- Conversations, their members, messages and reactions.

-- A direct conversation between two users exists once: `direct_key` is the two ids, the lesser one first. A user's notes to
-- themselves are a direct conversation whose key is one id. `history`: what a member who is added to a group sees.
-- `last_month`, `last_month_seq`: the last row of message_months.
CREATE TABLE conversations (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('direct', 'group')),
    name            text,
    history         text NOT NULL DEFAULT 'all' CHECK (history IN ('all', 'from_joining')),
    direct_key      text,
    created_by      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    member_count    integer NOT NULL,
    message_count   bigint NOT NULL DEFAULT 0,
    last_message_id uuid,
    active_at       timestamptz NOT NULL,
    last_month      timestamptz,
    last_month_seq  bigint NOT NULL DEFAULT 0,
    CONSTRAINT conversations_direct_key UNIQUE (direct_key)
) WITH (fillfactor = 70);

-- The unread count is conversations.message_count - read_count: it is kept, not counted when read. `read_count` is the number
-- of messages up to the read marker, and of deleted ones after it. `is_unread` is kept for small conversations only, for the
-- list of unread ones: for large ones the list compares the counts. `marked_unread` was set by the member.
--
-- `active_at` orders a member's list. In a small conversation each message writes it; in a large one (`large`) the list reads
-- the conversation's. Until `muted_until` the member gets no notifications of the conversation; 'infinity' means without an
-- end. Messages and events up to the number `history_after` are hidden from the member.
CREATE TABLE conversation_members (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role            text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    joined_at       timestamptz NOT NULL,
    large           boolean NOT NULL,
    active_at       timestamptz NOT NULL,
    last_read_seq   bigint NOT NULL DEFAULT 0,
    read_count      bigint NOT NULL DEFAULT 0,
    is_unread       boolean NOT NULL DEFAULT false,
    marked_unread   boolean NOT NULL DEFAULT false,
    muted_until     timestamptz,
    history_after   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 70);
CREATE INDEX conversation_members_by_activity ON conversation_members (user_id, large, active_at DESC, conversation_id DESC);
CREATE INDEX conversation_members_unread ON conversation_members (user_id, active_at DESC, conversation_id DESC)
    WHERE is_unread AND NOT large;
CREATE INDEX conversation_members_muted ON conversation_members (user_id, active_at DESC, conversation_id DESC)
    WHERE muted_until IS NOT NULL AND NOT large;

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
    attachments            jsonb NOT NULL DEFAULT '[]',
    pinned_at              timestamptz,
    pinned_by              uuid,
    reactions              jsonb NOT NULL DEFAULT '{}', -- {emoji: count}; updated with each reaction, never counted when read
    reactions_published_at timestamptz,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX messages_by_conversation ON messages (conversation_id, seq);
-- Finds the last message that is not deleted, however many were deleted after it.
CREATE INDEX messages_not_deleted ON messages (conversation_id, ordinal) WHERE deleted_at IS NULL;
CREATE INDEX messages_by_parent ON messages (reply_to, seq) WHERE reply_to IS NOT NULL;

-- As events_default.
CREATE TABLE messages_default PARTITION OF messages DEFAULT;

-- Where the messages of a conversation are: those from `first_seq` on, up to the next row, have ids from `from_id` up to, not
-- including, `until_id`, which are the bounds of a month. Every read by number looks here first, and then reads the partitions
-- that it needs, so that it costs the same however many months there are. Written under the lock of the stream, with the
-- first message of a month; so it is exact, also where the clocks of two senders differ at the end of a month.
CREATE TABLE message_months (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    first_seq       bigint NOT NULL,
    from_id         uuid NOT NULL,
    until_id        uuid NOT NULL,
    PRIMARY KEY (conversation_id, first_seq)
);

-- The pinned messages of each conversation, at most 50, in whatever month they are. Kept by a trigger.
CREATE TABLE message_pins (
    message_id      uuid PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE
);
CREATE INDEX message_pins_by_conversation ON message_pins (conversation_id);

CREATE FUNCTION keep_message_pin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.pinned_at IS NULL THEN
        DELETE FROM message_pins p WHERE p.message_id = new.id;
    ELSE
        INSERT INTO message_pins (message_id, conversation_id) VALUES (new.id, new.conversation_id) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_pinned AFTER UPDATE OF pinned_at ON messages
    FOR EACH ROW WHEN (old.pinned_at IS DISTINCT FROM new.pinned_at) EXECUTE FUNCTION keep_message_pin();

-- How many messages of a conversation are deleted, in blocks of 64 ordinals, of 64 such blocks, and so on (`level` 0 has
-- single ordinals). So the deleted messages after an ordinal are the sum of at most 64 rows of each level.
CREATE TABLE message_deletions (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    level           smallint NOT NULL,
    block           bigint NOT NULL, -- ordinal >> (6 * level)
    count           integer NOT NULL,
    PRIMARY KEY (conversation_id, level, block)
);

-- The text of a message before an edit; the current text is in `messages`.
CREATE TABLE message_versions (
    message_id uuid NOT NULL,
    version    integer NOT NULL,
    content    text NOT NULL,
    edited_at  timestamptz NOT NULL,
    PRIMARY KEY (message_id, version)
);

CREATE TABLE reactions (
    message_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    emoji      text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, user_id, emoji)
);
CREATE INDEX reactions_by_emoji ON reactions (message_id, emoji, created_at, user_id);

-- Changes that the next `message.reacted` event of the message will contain. There is at most one such event in two seconds.
CREATE TABLE pending_reactions (
    message_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    emoji      text NOT NULL,
    added      boolean NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, user_id, emoji)
);
