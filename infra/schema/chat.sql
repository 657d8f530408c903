-- Messages and conversations.

-- Whether one of the two members of a direct conversation has blocked the other. In a group a block stops no message.
CREATE OR REPLACE FUNCTION is_blocked(conversation_id uuid, author_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM conversations c
        JOIN conversation_members cm ON cm.conversation_id = c.id AND cm.user_id <> author_id
        WHERE c.id = is_blocked.conversation_id AND c.kind = 'direct' AND is_block_between(cm.user_id, author_id));
END $$;

-- Checks access, takes the next number, writes the message and its event, and marks it as read by its author, in one round
-- trip and with plans that Postgres keeps.
--
-- The stream is locked first and everything else is read under that lock, each statement with a snapshot of its own: a member
-- who was removed before neither sends nor gets the event. `names`: as mentioned_members() takes them; `broadcast`: `everyone`
-- or `here`, which counts in a group if the author's role is among `broadcast_roles`.
--
-- `payload` is null if nothing was written; `first_hash` (the nonce was used before), `role` (null, or not among
-- `allowed_roles`) or `refusal` says why. If the same nonce is being used in another conversation at the same time, the
-- constraint nonces_pkey refuses the second one.
CREATE OR REPLACE FUNCTION send_message(
    message_id uuid, conversation_id uuid, author_id uuid, content text, content_html text, reply_to uuid, attachments jsonb,
    names text[], broadcast text, nonce text, request_hash bytea, now_at timestamptz, allowed_roles text[],
    broadcast_roles text[],
    OUT payload jsonb, OUT audience uuid[], OUT history_limits jsonb, OUT role text, OUT refusal text, OUT first_hash bytea,
    OUT first_payload jsonb
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    is_large           boolean;
    is_group           boolean;
    new_month          timestamptz := uuid7_month(message_id);
    is_first_of_month  boolean;
    new_seq            bigint;
    new_ordinal        bigint;
    message            messages;
    parent_reply_count integer;
BEGIN
    PERFORM FROM streams s WHERE s.id = conversation_id AND s.kind = 'conv' FOR NO KEY UPDATE;

    IF nonce IS NOT NULL THEN
        SELECT first.request_hash, first.payload INTO first_hash, first_payload FROM first_result(author_id, nonce) AS first;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    SELECT cm.role, cm.large INTO role, is_large
    FROM conversation_members cm
    WHERE cm.conversation_id = send_message.conversation_id AND cm.user_id = author_id;
    IF NOT FOUND OR role <> ALL (allowed_roles) THEN
        RETURN;
    END IF;
    IF is_blocked(conversation_id, author_id) THEN
        refusal := 'blocked';
        RETURN;
    END IF;
    IF attachments <> '[]' THEN
        refusal := attachment_refusal(author_id, attachments);
        IF refusal IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    IF reply_to IS NOT NULL THEN
        UPDATE messages m SET reply_count = m.reply_count + 1
        WHERE m.id = send_message.reply_to AND m.conversation_id = send_message.conversation_id
          AND m.seq > history_after(send_message.conversation_id, send_message.author_id)
        RETURNING m.reply_count INTO parent_reply_count;
        IF NOT FOUND THEN
            refusal := 'reply_target_not_found';
            RETURN;
        END IF;
    END IF;

    UPDATE streams s SET head = s.head + 1 WHERE s.id = conversation_id RETURNING s.head INTO new_seq;
    UPDATE conversations c
    SET message_count = c.message_count + 1, last_message_id = message_id, active_at = greatest(c.active_at, now_at),
        last_month_seq = CASE WHEN c.last_month = new_month THEN c.last_month_seq ELSE new_seq END, last_month = new_month
    WHERE c.id = conversation_id
    RETURNING c.message_count, c.kind = 'group', c.last_month_seq = new_seq INTO new_ordinal, is_group, is_first_of_month;
    IF is_first_of_month THEN
        INSERT INTO message_months (conversation_id, first_seq, from_id, until_id)
        VALUES (conversation_id, new_seq, uuid7_floor(new_month), uuid7_floor(date_add(new_month, '1 month', 'UTC')));
    END IF;
    INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, content_html, reply_to, created_at, mentions,
                          mentions_everyone, attachments)
    VALUES (message_id, conversation_id, new_seq, new_ordinal, author_id, content, content_html, reply_to, now_at,
            mentioned_members(conversation_id, author_id, names),
            CASE WHEN is_group AND role = ANY (broadcast_roles) THEN broadcast END, attachments)
    RETURNING * INTO message;
    payload := jsonb_build_object('message', message_json(message, NULL));
    IF reply_to IS NOT NULL THEN
        payload := payload || jsonb_build_object(
            'parent', jsonb_build_object('id', reply_to, 'reply_count', parent_reply_count));
        history_limits := history_limits(conversation_id);
    END IF;
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    VALUES (conversation_id, new_seq, 'message.created', payload, now_at);
    IF nonce IS NOT NULL THEN
        INSERT INTO nonces (user_id, nonce, body_hash, stream_id, seq, created_at)
        VALUES (author_id, nonce, request_hash, conversation_id, new_seq, now_at);
    END IF;

    UPDATE conversation_members cm
    SET active_at = greatest(cm.active_at, now_at), last_read_seq = new_seq, read_count = new_ordinal,
        is_unread = false, marked_unread = false
    WHERE cm.conversation_id = send_message.conversation_id AND cm.user_id = author_id;
    IF NOT is_large THEN
        UPDATE conversation_members cm SET active_at = greatest(cm.active_at, now_at), is_unread = true
        WHERE cm.conversation_id = send_message.conversation_id AND cm.user_id <> author_id;
    END IF;
    audience := ARRAY (
        SELECT cm.user_id FROM conversation_members cm WHERE cm.conversation_id = send_message.conversation_id);
END $$;

-- The conversations of a member: a page by last activity, below the position (before_at, before_id), or only the one with
-- the id `only_id`. `only_unread`: only those with unread messages, or marked as unread; `only_muted`: null for all.
--
-- This is the longest query and one of the most frequent. As a function it keeps its plan: behind RDS Proxy a client cannot
-- prepare a statement, and planning took three times as long as running (0.82 ms and 0.27 ms).
--
-- A page is two index scans, however many conversations there are: small conversations are ordered by the member's own row,
-- large ones by the conversation's. For the small ones each filter has an index of its own; of the branches for other filters
-- none is executed. Each member's `last_read_seq` is included if only one conversation is read and it has at most a hundred
-- members, and not of members between whom and the reader there is a block. The last messages are read in the partitions of
-- this month and the one before; one that is older by itself.
CREATE OR REPLACE FUNCTION list_conversations(
    reader_id uuid, only_id uuid, before_at timestamptz, before_id uuid, page_size integer, member_limit integer,
    only_unread boolean, only_muted boolean
) RETURNS TABLE (
    id uuid, kind text, name text, history text, link_previews boolean, created_by uuid, created_at timestamptz, active_at timestamptz,
    member_count integer, head bigint, role text, muted boolean, muted_until timestamptz, last_read_seq bigint,
    unread_count bigint, marked_unread boolean, mention_count integer, members json, last_message json
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    -- Each partition that is read costs the whole list 20 µs, and each message that is found by itself 10.
    recent_from  uuid := uuid7_floor(date_trunc('month', now() - interval '1 month', 'UTC'));
    recent_until uuid := uuid7_floor(now() + interval '1 minute');
BEGIN RETURN QUERY
    WITH mine AS (
        (SELECT cm, c.active_at, c.id
         FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
         WHERE cm.conversation_id = only_id AND cm.user_id = reader_id)
        UNION ALL
        (SELECT cm, cm.active_at, cm.conversation_id
         FROM conversation_members cm
         WHERE only_id IS NULL AND NOT only_unread AND only_muted IS NOT TRUE
           AND cm.user_id = reader_id AND NOT cm.large AND (cm.active_at, cm.conversation_id) < (before_at, before_id)
           AND (only_muted IS NULL OR (cm.muted_until > now()) IS NOT TRUE)
         ORDER BY cm.active_at DESC, cm.conversation_id DESC
         LIMIT page_size)
        UNION ALL
        (SELECT cm, cm.active_at, cm.conversation_id
         FROM conversation_members cm
         WHERE only_unread AND cm.is_unread
           AND cm.user_id = reader_id AND NOT cm.large AND (cm.active_at, cm.conversation_id) < (before_at, before_id)
           AND (only_muted IS NULL OR coalesce(cm.muted_until > now(), false) = only_muted)
         ORDER BY cm.active_at DESC, cm.conversation_id DESC
         LIMIT page_size)
        UNION ALL
        (SELECT cm, cm.active_at, cm.conversation_id
         FROM conversation_members cm
         WHERE NOT only_unread AND only_muted AND cm.muted_until > now()
           AND cm.user_id = reader_id AND NOT cm.large AND (cm.active_at, cm.conversation_id) < (before_at, before_id)
         ORDER BY cm.active_at DESC, cm.conversation_id DESC
         LIMIT page_size)
        UNION ALL
        (SELECT cm, c.active_at, c.id
         FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
         WHERE only_id IS NULL AND cm.user_id = reader_id AND cm.large AND (c.active_at, c.id) < (before_at, before_id)
           AND (NOT only_unread OR cm.marked_unread OR c.message_count > cm.read_count)
           AND (only_muted IS NULL OR coalesce(cm.muted_until > now(), false) = only_muted)
         ORDER BY c.active_at DESC, c.id DESC
         LIMIT page_size)
        ORDER BY 2 DESC, 3 DESC
        LIMIT page_size
    )
    SELECT c.id, c.kind, c.name, c.history, c.link_previews, c.created_by, c.created_at, mine.active_at, c.member_count, s.head,
           (mine.cm).role, coalesce((mine.cm).muted_until > now(), false),
           CASE WHEN (mine.cm).muted_until > now() AND isfinite((mine.cm).muted_until) THEN (mine.cm).muted_until END,
           (mine.cm).last_read_seq, c.message_count - (mine.cm).read_count, (mine.cm).marked_unread,
           coalesce((SELECT k.count FROM mention_counts k WHERE k.user_id = reader_id AND k.conversation_id = c.id), 0),
           first_members.members,
           CASE WHEN m.id IS NOT NULL THEN
               CASE WHEN m.seq > (mine.cm).history_after THEN message_json(m, reader_id) END
           WHEN c.last_message_id IS NOT NULL THEN
               (SELECT message_json(older, reader_id) FROM message_by_id(c.last_message_id) AS older
                WHERE older.seq > (mine.cm).history_after) END
    FROM mine
    JOIN conversations c ON c.id = mine.id
    JOIN streams s ON s.id = c.id
    LEFT JOIN messages m ON m.id = c.last_message_id AND m.id >= recent_from AND m.id < recent_until
    CROSS JOIN LATERAL (
        SELECT json_agg(member ORDER BY member.id) AS members
        FROM (SELECT u.id, u.username, u.display_name, u.avatar, few.role,
                     CASE WHEN only_id IS NOT NULL AND c.member_count <= 100 AND (u.receipts OR u.id = reader_id)
                               AND NOT is_block_between(u.id, reader_id)
                          THEN few.last_read_seq END AS last_read_seq
              FROM (SELECT cm.user_id, cm.role, cm.last_read_seq FROM conversation_members cm
                    WHERE cm.conversation_id = c.id ORDER BY cm.user_id LIMIT member_limit) AS few
              JOIN users u ON u.id = few.user_id) AS member
    ) AS first_members
    ORDER BY mine.active_at DESC, c.id DESC;
END $$;
