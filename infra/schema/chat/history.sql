-- The messages of a conversation by their numbers.
--
-- A plan of `messages` or `events` that Postgres keeps leaves out, each time that it runs, the partitions outside of the bounds
-- of the key that it is given; those that it keeps cost 20 µs each. So each statement here has such bounds, and every entry
-- has force_generic_plan: Postgres estimates a kept plan as if it read all partitions, and would plan anew each time.

-- Records the months of the messages from the number `from_seq` on, for what was not written by send_message(). Those below
-- are recorded. The caller has locked the stream.
CREATE OR REPLACE FUNCTION record_message_months(conversation_id uuid, from_seq bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM message_months mm
    WHERE mm.conversation_id = record_message_months.conversation_id AND mm.first_seq >= from_seq;
    INSERT INTO message_months (conversation_id, first_seq, from_id, until_id)
    SELECT record_message_months.conversation_id, m.seq, uuid7_floor(m.month), uuid7_floor(date_add(m.month, '1 month', 'UTC'))
    FROM (SELECT each.seq, each.month, lag(each.month) OVER (ORDER BY each.seq) AS month_before
          FROM (SELECT m.seq, uuid7_month(m.id) AS month FROM messages m
                WHERE m.conversation_id = record_message_months.conversation_id AND m.seq >= from_seq
                UNION ALL
                (SELECT mm.first_seq, uuid7_month(mm.from_id) FROM message_months mm
                 WHERE mm.conversation_id = record_message_months.conversation_id AND mm.first_seq < from_seq
                 ORDER BY mm.first_seq DESC LIMIT 1)) AS each) AS m
    WHERE m.month IS DISTINCT FROM m.month_before AND m.seq >= from_seq;
    UPDATE conversations c SET last_month = uuid7_month(mm.from_id), last_month_seq = mm.first_seq
    FROM (SELECT mm.from_id, mm.first_seq FROM message_months mm
          WHERE mm.conversation_id = record_message_months.conversation_id ORDER BY mm.first_seq DESC LIMIT 1) AS mm
    WHERE c.id = record_message_months.conversation_id;
END $$;

-- At most so many messages between two numbers, which are not included, newest first.
CREATE OR REPLACE FUNCTION older_messages(conversation_id uuid, above_seq bigint, below_seq bigint, at_most integer)
RETURNS SETOF messages LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_sort = off AS $$
DECLARE
    part  message_months;
    row_count integer;
BEGIN
    FOR part IN
        SELECT * FROM message_months mm
        WHERE mm.conversation_id = older_messages.conversation_id AND mm.first_seq < below_seq
        ORDER BY mm.first_seq DESC
    LOOP
        RETURN QUERY
            SELECT * FROM messages m
            WHERE m.conversation_id = older_messages.conversation_id AND m.id >= part.from_id AND m.id < part.until_id
              AND m.seq >= part.first_seq AND m.seq > above_seq AND m.seq < below_seq
            ORDER BY m.seq DESC
            LIMIT at_most;
        GET DIAGNOSTICS row_count = ROW_COUNT;
        at_most := at_most - row_count;
        EXIT WHEN at_most = 0 OR part.first_seq - 1 <= above_seq;
        below_seq := part.first_seq;
    END LOOP;
END $$;

-- At most so many messages above a number, oldest first. With `parent_id` only the replies to that message.
CREATE OR REPLACE FUNCTION newer_messages(conversation_id uuid, above_seq bigint, at_most integer, parent_id uuid)
RETURNS SETOF messages LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_sort = off AS $$
DECLARE
    part  record;
    row_count integer;
BEGIN
    IF at_most <= 0 THEN
        RETURN;
    END IF;
    FOR part IN
        SELECT mm.first_seq, mm.from_id, mm.until_id,
               lead(mm.first_seq, 1, 9223372036854775807) OVER (ORDER BY mm.first_seq) AS next_seq
        FROM message_months mm
        WHERE mm.conversation_id = newer_messages.conversation_id
          AND mm.first_seq >= coalesce((
              SELECT max(first.first_seq) FROM message_months first
              WHERE first.conversation_id = newer_messages.conversation_id AND first.first_seq - 1 <= above_seq), 0)
        ORDER BY mm.first_seq
    LOOP
        IF parent_id IS NULL THEN
            RETURN QUERY
                SELECT * FROM messages m
                WHERE m.conversation_id = newer_messages.conversation_id AND m.id >= part.from_id AND m.id < part.until_id
                  AND m.seq >= part.first_seq AND m.seq < part.next_seq AND m.seq > above_seq
                ORDER BY m.seq
                LIMIT at_most;
        ELSE
            RETURN QUERY
                SELECT * FROM messages m
                WHERE m.reply_to = parent_id AND m.id >= part.from_id AND m.id < part.until_id
                  AND m.seq >= part.first_seq AND m.seq < part.next_seq AND m.seq > above_seq
                ORDER BY m.seq
                LIMIT at_most;
        END IF;
        GET DIAGNOSTICS row_count = ROW_COUNT;
        at_most := at_most - row_count;
        EXIT WHEN at_most = 0;
    END LOOP;
END $$;

-- The last message that is not deleted, however many were deleted after it.
CREATE OR REPLACE FUNCTION last_message_of(conversation_id uuid) RETURNS SETOF messages
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_sort = off AS $$
DECLARE
    part message_months;
BEGIN
    FOR part IN
        SELECT * FROM message_months mm WHERE mm.conversation_id = last_message_of.conversation_id ORDER BY mm.first_seq DESC
    LOOP
        RETURN QUERY
            SELECT * FROM messages m
            WHERE m.conversation_id = last_message_of.conversation_id AND m.id >= part.from_id AND m.id < part.until_id
              AND m.seq >= part.first_seq AND m.deleted_at IS NULL
            ORDER BY m.ordinal DESC
            LIMIT 1;
        EXIT WHEN FOUND;
    END LOOP;
END $$;

-- Checks access and reads a page of messages, in one round trip: below `before_seq` (null: all) newest first, above `after_seq`
-- oldest first, or on both sides of `around_seq` newest first. `role` is null if the reader is not a member. `items` is JSON,
-- separated by commas; `next_seq` is the number of the last one if there are more in that direction.
CREATE OR REPLACE FUNCTION list_messages(
    conversation_id uuid, reader_id uuid, before_seq bigint, after_seq bigint, around_seq bigint, page_size integer,
    OUT role text, OUT is_direct boolean, OUT items text, OUT next_seq bigint
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    hidden_seq  bigint;
    newer_texts text[] := '{}';
    newer_seqs  bigint[] := '{}';
    texts       text[];
    seqs        bigint[];
BEGIN
    SELECT cm.role, c.kind = 'direct', cm.history_after INTO role, is_direct, hidden_seq
    FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
    WHERE cm.conversation_id = list_messages.conversation_id AND cm.user_id = reader_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF after_seq IS NOT NULL THEN
        SELECT array_agg(message_text(m, reader_id)), array_agg(m.seq) INTO texts, seqs
        FROM newer_messages(conversation_id, greatest(after_seq, hidden_seq), page_size + 1, NULL) AS m;
    ELSE
        IF around_seq IS NOT NULL THEN
            before_seq := around_seq + 1;
            SELECT array_agg(message_text(m, reader_id) ORDER BY m.seq DESC), array_agg(m.seq ORDER BY m.seq DESC)
            INTO newer_texts, newer_seqs
            FROM newer_messages(conversation_id, greatest(around_seq, hidden_seq), page_size / 2, NULL) AS m;
        END IF;
        SELECT newer_texts || array_agg(message_text(m, reader_id)), newer_seqs || array_agg(m.seq) INTO texts, seqs
        FROM older_messages(conversation_id, hidden_seq, coalesce(before_seq, 9223372036854775807),
                            page_size + 1 - coalesce(cardinality(newer_seqs), 0)) AS m;
    END IF;
    items := array_to_string(texts[:page_size], ',');
    IF cardinality(seqs) > page_size THEN
        next_seq := seqs[page_size];
    END IF;
END $$;
