-- Read markers and unread counts.

-- How many deleted messages a conversation has after an ordinal: at most 64 rows of each level of message_deletions.
CREATE OR REPLACE FUNCTION deletions_after(conversation_id uuid, ordinal bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum(d.count), 0)
        FROM generate_series(0, 4) AS level (number)
        JOIN message_deletions d
            ON d.conversation_id = deletions_after.conversation_id AND d.level = level.number
           AND d.block > (ordinal >> (6 * level.number))
           AND (level.number = 4 OR d.block < (((ordinal >> (6 * level.number + 6)) + 1) << 6)));
END $$;

-- How many unread messages mention the member: kept by the consumer that makes notifications.
CREATE OR REPLACE FUNCTION mention_count(conversation_id uuid, reader_id uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT k.count FROM mention_counts k
                     WHERE k.user_id = reader_id AND k.conversation_id = mention_count.conversation_id), 0);
END $$;

-- Moves the reader's marker forward, never back and never past the head, and ends the mark as unread. `role` is null if the
-- reader is not a member; a role that is not among `allowed_roles` changes nothing. `seq_of_event`: the number of
-- `conversation.read` in the reader's stream, null if nothing changed; `is_shown`: whether the marker has moved, and others may
-- see it;
-- `notifications_read`: the event about notifications that were read with it, null if there were none.
--
-- The reader's row is locked first, and everything else is read after that. uncount_message() changes the same row: either
-- its deletion is counted here, or it waits for this marker and then counts the deletion itself.
CREATE OR REPLACE FUNCTION mark_read(
    conversation_id uuid, reader_id uuid, seq bigint, allowed_roles text[], now_at timestamptz,
    OUT role text, OUT head bigint, OUT last_read_seq bigint, OUT unread_count bigint, OUT marked_unread boolean,
    OUT mention_count integer, OUT is_shown boolean, OUT seq_of_event bigint, OUT notifications_read jsonb
) LANGUAGE plpgsql AS $$
DECLARE
    member   conversation_members;
    total    bigint;
    new_seq  bigint;
    new_read bigint;
    is_moved boolean;
BEGIN
    SELECT * INTO member FROM conversation_members cm
    WHERE cm.conversation_id = mark_read.conversation_id AND cm.user_id = reader_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    role := member.role;
    SELECT c.message_count, s.head, least(mark_read.seq, s.head), coalesce(reached.ordinal, 0)
    INTO total, head, new_seq, new_read
    FROM conversations c
    JOIN streams s ON s.id = c.id
    LEFT JOIN LATERAL (
        SELECT m.ordinal FROM older_messages(c.id, 0, least(mark_read.seq, s.head) + 1, 1) AS m
    ) AS reached ON true
    WHERE c.id = mark_read.conversation_id;
    is_moved := new_seq > member.last_read_seq AND role = ANY (allowed_roles);
    IF is_moved THEN
        member.last_read_seq := new_seq;
        member.read_count := new_read
            + CASE WHEN new_read < total THEN deletions_after(conversation_id, new_read) ELSE 0 END;
    END IF;
    IF is_moved OR (member.marked_unread AND role = ANY (allowed_roles)) THEN
        UPDATE conversation_members cm
        SET last_read_seq = member.last_read_seq, read_count = member.read_count,
            is_unread = total > member.read_count, marked_unread = false
        WHERE cm.conversation_id = mark_read.conversation_id AND cm.user_id = reader_id;
        member.marked_unread := false;
        notifications_read := read_conversation_notifications(conversation_id, reader_id, member.last_read_seq, now_at);
        seq_of_event := append_read_state(member, head, total - member.read_count, 'conversation.read', now_at);
    END IF;
    is_shown := is_moved AND (SELECT u.receipts FROM users u WHERE u.id = reader_id);
    last_read_seq := member.last_read_seq;
    unread_count := total - member.read_count;
    marked_unread := member.marked_unread;
    mention_count := mention_count(conversation_id, reader_id);
END $$;

-- Marks the conversation as unread; the marker stays. Returns as mark_read() does.
CREATE OR REPLACE FUNCTION mark_unread(
    conversation_id uuid, reader_id uuid, allowed_roles text[], now_at timestamptz,
    OUT role text, OUT head bigint, OUT last_read_seq bigint, OUT unread_count bigint, OUT marked_unread boolean,
    OUT mention_count integer, OUT is_shown boolean, OUT seq_of_event bigint
) LANGUAGE plpgsql AS $$
DECLARE
    member conversation_members;
BEGIN
    SELECT * INTO member FROM conversation_members cm
    WHERE cm.conversation_id = mark_unread.conversation_id AND cm.user_id = reader_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    role := member.role;
    is_shown := false;
    SELECT c.message_count - member.read_count, s.head INTO unread_count, head
    FROM conversations c JOIN streams s ON s.id = c.id WHERE c.id = mark_unread.conversation_id;
    IF NOT member.marked_unread AND role = ANY (allowed_roles) THEN
        UPDATE conversation_members cm SET is_unread = true, marked_unread = true
        WHERE cm.conversation_id = mark_unread.conversation_id AND cm.user_id = reader_id;
        member.marked_unread := true;
        seq_of_event := append_read_state(member, head, unread_count, 'conversation.unread', now_at);
    END IF;
    last_read_seq := member.last_read_seq;
    marked_unread := member.marked_unread;
    mention_count := mention_count(conversation_id, reader_id);
END $$;

-- Appends the member's read state to their own stream. Returns the number of the event.
CREATE OR REPLACE FUNCTION append_read_state(
    member conversation_members, conversation_head bigint, unread_count bigint, event_type text, now_at timestamptz
) RETURNS bigint LANGUAGE sql AS $$
    WITH stream_head AS (
        UPDATE streams s SET head = s.head + 1 WHERE s.id = member.user_id RETURNING s.head
    )
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    SELECT member.user_id, stream_head.head, event_type,
           jsonb_build_object('conversation_id', member.conversation_id, 'head', conversation_head,
                              'last_read_seq', member.last_read_seq, 'unread_count', unread_count,
                              'marked_unread', member.marked_unread,
                              'mention_count', mention_count(member.conversation_id, member.user_id)),
           now_at
    FROM stream_head
    RETURNING seq
$$;

-- Takes a message that was just deleted out of the unread counts and of the lists. The caller has locked the stream.
--
-- `is_last`: whether it was the last message of the conversation; then `last_message` is the last one that is not deleted, as
-- JSON, or null. The unread counts of those who have read it do not change, so only the rows of the others are written.
CREATE OR REPLACE FUNCTION uncount_message(message_id uuid, OUT is_last boolean, OUT last_message jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    deleted     messages;
    total       bigint;
    previous_id uuid;
BEGIN
    SELECT * INTO deleted FROM message_by_id(message_id);
    DELETE FROM message_versions v WHERE v.message_id = uncount_message.message_id;
    INSERT INTO message_deletions AS d (conversation_id, level, block, count)
    SELECT deleted.conversation_id, level, deleted.ordinal >> (6 * level), 1 FROM generate_series(0, 4) AS level
    ON CONFLICT (conversation_id, level, block) DO UPDATE SET count = d.count + 1;
    SELECT c.message_count, c.last_message_id = message_id INTO total, is_last
    FROM conversations c WHERE c.id = deleted.conversation_id;
    UPDATE conversation_members cm
    SET read_count = cm.read_count + 1, is_unread = total > cm.read_count + 1 OR cm.marked_unread
    WHERE cm.conversation_id = deleted.conversation_id AND cm.last_read_seq < deleted.seq;
    IF is_last THEN
        SELECT m.id, message_json(m, NULL) INTO previous_id, last_message
        FROM last_message_of(deleted.conversation_id) AS m;
        UPDATE conversations c SET last_message_id = previous_id WHERE c.id = deleted.conversation_id;
    END IF;
END $$;
