-- Messages in full: versions, tombstones, replies, reactions, mentions, pins; and blocks between people.

ALTER TABLE messages
    ADD COLUMN version           integer NOT NULL DEFAULT 1,
    ADD COLUMN edited_at         timestamptz,
    ADD COLUMN deleted_at        timestamptz,
    ADD COLUMN reply_count       integer NOT NULL DEFAULT 0,
    ADD COLUMN mentions          uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN attachments       uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN pinned_at         timestamptz,
    ADD COLUMN pinned_by         uuid,
    ADD COLUMN reactions         jsonb NOT NULL DEFAULT '{}', -- emoji → how many: counted as they come, never when read
    ADD COLUMN reactions_told_at timestamptz;
CREATE INDEX messages_pinned ON messages (conversation_id, pinned_at) WHERE pinned_at IS NOT NULL;
CREATE INDEX messages_by_parent ON messages (reply_to) WHERE reply_to IS NOT NULL;

-- A message's text leaves the log with the message: this finds the events that repeat it.
CREATE INDEX events_of_updates ON events ((payload -> 'message' ->> 'id')) WHERE type = 'message.updated';

CREATE TABLE reactions (
    message_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    emoji      text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, user_id, emoji)
);

-- Changes that the next `message.reacted` of the message will tell: at most one such event in two seconds.
CREATE TABLE pending_reactions (
    message_id uuid NOT NULL,
    user_id    uuid NOT NULL,
    emoji      text NOT NULL,
    added      boolean NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, user_id, emoji)
);

-- `user_id` has blocked `blocked_id`.
CREATE TABLE blocks (
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    blocked_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
);

-- As an IMMUTABLE function it may not be inlined (to_char is STABLE): four calls a message were half of its cost.
ALTER FUNCTION rfc3339 STABLE;

-- A message as the wire shows it: history, lists, snapshots and events are all made here. `my_reactions` is said to a
-- reader only; an event is for everybody, and has none.
CREATE FUNCTION message_json(m messages, reader uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    quoted   jsonb;
    attached jsonb := '[]';
    shown    jsonb;
    mine     jsonb := '[]';
BEGIN
    IF m.reply_to IS NOT NULL AND m.deleted_at IS NULL THEN
        SELECT jsonb_build_object('id', parent.id, 'author_id', parent.author_id,
                                  'content', left(parent.content, 200), 'deleted', parent.deleted_at IS NOT NULL)
        INTO quoted
        FROM messages parent WHERE parent.id = m.reply_to;
    END IF;
    IF m.attachments <> '{}' THEN
        SELECT jsonb_agg(jsonb_build_object('id', id) ORDER BY place)
        INTO attached
        FROM unnest(m.attachments) WITH ORDINALITY AS attachment (id, place);
    END IF;
    shown := jsonb_build_object(
        'id', m.id, 'conversation_id', m.conversation_id, 'seq', m.seq, 'author_id', m.author_id,
        'content', m.content, 'created_at', rfc3339(m.created_at), 'reply_to', m.reply_to, 'quoted', quoted,
        'version', m.version, 'edited_at', rfc3339(m.edited_at), 'deleted_at', rfc3339(m.deleted_at),
        'reply_count', m.reply_count, 'reactions', m.reactions, 'mentions', to_jsonb(m.mentions),
        'attachments', attached, 'pinned_at', rfc3339(m.pinned_at));
    IF reader IS NULL THEN
        RETURN shown;
    END IF;
    IF m.reactions <> '{}' THEN
        SELECT coalesce(jsonb_agg(emoji ORDER BY created_at, emoji), '[]')
        INTO mine
        FROM reactions WHERE message_id = m.id AND user_id = reader;
    END IF;
    RETURN shown || jsonb_build_object('my_reactions', mine);
END $$;
