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
CREATE INDEX events_that_repeat
    ON events (coalesce(payload -> 'message' ->> 'id', payload -> 'conversation' -> 'last_message' ->> 'id'))
    WHERE type IN ('message.updated', 'conversation.joined');

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
-- reader who has some; an event is for everybody, and has none. As jsonb it cost twice as much to make.
CREATE FUNCTION message_json(m messages, reader uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    quoted   json;
    attached json := '[]';
    shown    json;
    mine     jsonb;
BEGIN
    IF m.reply_to IS NOT NULL AND m.deleted_at IS NULL THEN
        SELECT json_build_object('id', parent.id, 'author_id', parent.author_id,
                                 'content', left(parent.content, 200), 'deleted', parent.deleted_at IS NOT NULL)
        INTO quoted
        FROM messages parent WHERE parent.id = m.reply_to;
    END IF;
    IF m.attachments <> '{}' THEN
        SELECT json_agg(json_build_object('id', id) ORDER BY place)
        INTO attached
        FROM unnest(m.attachments) WITH ORDINALITY AS attachment (id, place);
    END IF;
    shown := json_build_object(
        'id', m.id, 'conversation_id', m.conversation_id, 'seq', m.seq, 'author_id', m.author_id,
        'content', m.content, 'created_at', rfc3339(m.created_at), 'reply_to', m.reply_to, 'quoted', quoted,
        'version', m.version, 'edited_at', rfc3339(m.edited_at), 'deleted_at', rfc3339(m.deleted_at),
        'reply_count', m.reply_count, 'reactions', m.reactions, 'mentions', to_json(m.mentions),
        'attachments', attached, 'pinned_at', rfc3339(m.pinned_at));
    IF reader IS NOT NULL AND m.reactions <> '{}' THEN
        SELECT jsonb_agg(emoji ORDER BY created_at, emoji)
        INTO mine
        FROM reactions WHERE message_id = m.id AND user_id = reader;
        IF mine IS NOT NULL THEN
            RETURN shown::jsonb || jsonb_build_object('my_reactions', mine);
        END IF;
    END IF;
    RETURN shown;
END $$;

-- What an event told, without the text of a message that is gone: its own, or what a reply quoted of it.
CREATE FUNCTION without_text(payload jsonb, gone uuid, deleted_at timestamptz) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    place text[] := CASE WHEN payload ? 'message' THEN '{message}' ELSE '{conversation,last_message}' END;
    told  jsonb := payload #> place;
BEGIN
    IF told ->> 'id' = gone::text THEN
        told := told || jsonb_build_object(
            'content', '', 'quoted', NULL, 'mentions', '[]'::jsonb, 'attachments', '[]'::jsonb,
            'deleted_at', rfc3339(deleted_at));
    ELSIF told -> 'quoted' ->> 'id' = gone::text THEN
        told := jsonb_set(told, '{quoted}', told -> 'quoted' || '{"content": "", "deleted": true}');
    END IF;
    RETURN jsonb_set(payload, place, told);
END $$;

-- Of the names, those of members who have not blocked the writer.
CREATE FUNCTION mentioned(place uuid, writer uuid, names text[]) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF names = '{}' THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY (
        SELECT u.id
        FROM users u JOIN conversation_members cm ON cm.conversation_id = place AND cm.user_id = u.id
        WHERE lower(u.username) = ANY (names)
          AND NOT EXISTS (SELECT FROM blocks b WHERE b.user_id = u.id AND b.blocked_id = writer)
        ORDER BY u.id);
END $$;

-- Whether one of the two in a direct conversation has blocked the other; in a group a block does not matter.
CREATE FUNCTION is_blocked(place uuid, writer uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM conversations c
        JOIN conversation_members cm ON cm.conversation_id = c.id AND cm.user_id <> writer
        JOIN blocks b ON (b.user_id, b.blocked_id) IN ((cm.user_id, writer), (writer, cm.user_id))
        WHERE c.id = place AND c.kind = 'direct');
END $$;

-- May they, number it, write it, log it, mark it read by its author: one round trip, and plans that Postgres keeps.
--
-- The stream is locked first and everything else looked up under that lock (each statement here has a snapshot of its own),
-- so that whoever was removed before neither sends nor is told. `payload` null: not written, because of what `first_hash`,
-- `role` (not among those `allowed`) or `refusal` says. Where the same nonce is being spent in
-- another conversation at this moment, nonces_pkey refuses.
CREATE FUNCTION send_message(
    new_id uuid, place uuid, sender uuid, said text, parent uuid, attached uuid[], names text[],
    given_nonce text, asked bytea, moment timestamptz, allowed text[],
    OUT payload jsonb, OUT audience uuid[], OUT role text, OUT refusal text, OUT first_hash bytea, OUT first_payload jsonb
) LANGUAGE plpgsql AS $$
DECLARE
    is_large boolean;
    number   bigint;
    ordinal  bigint;
    written  messages;
    replies  integer;
BEGIN
    PERFORM FROM streams WHERE id = place AND kind = 'conv' FOR NO KEY UPDATE;

    SELECT n.body_hash, e.payload INTO first_hash, first_payload
    FROM nonces n JOIN events e ON e.stream_id = n.stream_id AND e.seq = n.seq AND e.created_at = n.created_at
    WHERE n.user_id = sender AND n.nonce = given_nonce;
    IF FOUND THEN
        RETURN;
    END IF;

    SELECT cm.role, cm.large INTO role, is_large
    FROM conversation_members cm WHERE cm.conversation_id = place AND cm.user_id = sender;
    IF NOT FOUND OR role <> ALL (allowed) THEN
        RETURN;
    END IF;
    IF is_blocked(place, sender) THEN
        refusal := 'blocked';
        RETURN;
    END IF;
    IF parent IS NOT NULL THEN
        UPDATE messages SET reply_count = reply_count + 1
        WHERE id = parent AND conversation_id = place RETURNING reply_count INTO replies;
        IF NOT FOUND THEN
            refusal := 'unknown_reply';
            RETURN;
        END IF;
    END IF;

    UPDATE streams SET head = head + 1 WHERE id = place RETURNING head INTO number;
    UPDATE conversations
    SET message_count = message_count + 1, last_message_id = new_id, active_at = greatest(active_at, moment)
    WHERE id = place RETURNING message_count INTO ordinal;
    INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, reply_to, created_at, mentions, attachments)
    VALUES (new_id, place, number, ordinal, sender, said, parent, moment, mentioned(place, sender, names), attached)
    RETURNING * INTO written;
    payload := jsonb_build_object('message', message_json(written, NULL));
    IF parent IS NOT NULL THEN
        payload := payload || jsonb_build_object('parent', jsonb_build_object('id', parent, 'reply_count', replies));
    END IF;
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    VALUES (place, number, 'message.created', payload, moment);
    IF given_nonce IS NOT NULL THEN
        INSERT INTO nonces (user_id, nonce, body_hash, stream_id, seq, created_at)
        VALUES (sender, given_nonce, asked, place, number, moment);
    END IF;

    UPDATE conversation_members
    SET active_at = greatest(active_at, moment), last_read_seq = number, read_count = ordinal
    WHERE conversation_id = place AND user_id = sender;
    IF NOT is_large THEN
        UPDATE conversation_members SET active_at = greatest(active_at, moment)
        WHERE conversation_id = place AND user_id <> sender;
    END IF;
    audience := ARRAY (SELECT user_id FROM conversation_members WHERE conversation_id = place);
END $$;
