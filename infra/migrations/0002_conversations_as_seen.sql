-- Conversations as one of their members sees them: a list by last activity, or the one named.
--
-- The longest of our reads, and one of the most frequent. As a function its plan is kept by Postgres: behind RDS Proxy a
-- client may prepare nothing, and planning cost three times what running does (0.82 ms against 0.27).
--
-- A list is two index scans, however many there are: small conversations are ordered by the member's own row, large ones by
-- theirs. `only_one` null is the list below the position (below_at, below_id).
CREATE FUNCTION conversations_as_seen(
    reader uuid, only_one uuid, below_at timestamptz, below_id uuid, at_most integer, members_shown integer
) RETURNS TABLE (
    id uuid, kind text, name text, created_by uuid, created_at timestamptz, active_at timestamptz, member_count integer,
    head bigint, last_read_seq bigint, unread_count bigint, members json, last_message json
) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
    WITH mine AS (
        (SELECT cm.conversation_id, c.active_at, cm.last_read_seq, cm.read_count
         FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
         WHERE cm.conversation_id = only_one AND cm.user_id = reader)
        UNION ALL
        (SELECT cm.conversation_id, cm.active_at, cm.last_read_seq, cm.read_count
         FROM conversation_members cm
         WHERE only_one IS NULL AND cm.user_id = reader AND NOT cm.large
           AND (cm.active_at, cm.conversation_id) < (below_at, below_id)
         ORDER BY cm.active_at DESC, cm.conversation_id DESC
         LIMIT at_most)
        UNION ALL
        (SELECT cm.conversation_id, c.active_at, cm.last_read_seq, cm.read_count
         FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
         WHERE only_one IS NULL AND cm.user_id = reader AND cm.large AND (c.active_at, c.id) < (below_at, below_id)
         ORDER BY c.active_at DESC, c.id DESC
         LIMIT at_most)
        ORDER BY 2 DESC, 1 DESC
        LIMIT at_most
    )
    SELECT c.id, c.kind, c.name, c.created_by, c.created_at, mine.active_at, c.member_count, s.head, mine.last_read_seq,
           c.message_count - mine.read_count, shown.members,
           CASE WHEN m.id IS NOT NULL THEN json_build_object(
               'id', m.id, 'conversation_id', m.conversation_id, 'seq', m.seq, 'author_id', m.author_id,
               'content', m.content, 'reply_to', m.reply_to, 'created_at', m.created_at) END
    FROM mine
    JOIN conversations c ON c.id = mine.conversation_id
    JOIN streams s ON s.id = c.id
    LEFT JOIN messages m ON m.id = c.last_message_id
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object(
                   'id', u.id, 'username', u.username, 'display_name', u.display_name, 'role', few.role)) AS members
        FROM (SELECT cm.user_id, cm.role FROM conversation_members cm
              WHERE cm.conversation_id = c.id ORDER BY cm.user_id LIMIT members_shown) AS few
        JOIN users u ON u.id = few.user_id
    ) AS shown
    ORDER BY mine.active_at DESC, c.id DESC;
END $$;
