-- Memberships that change: mute, roles in the list, read markers of the others.

-- Until then the person is not notified of the conversation; 'infinity' is for ever.
ALTER TABLE conversation_members ADD COLUMN muted_until timestamptz;

CREATE INDEX blocks_by_age ON blocks (user_id, created_at DESC, blocked_id DESC);

-- As in 0002, and: the reader's role and mute; the last message as message_json has it; how far each member has read, where
-- one conversation is shown and the members are at most a hundred.
DROP FUNCTION conversations_as_seen(uuid, uuid, timestamptz, uuid, integer, integer);
CREATE FUNCTION conversations_as_seen(
    reader uuid, only_one uuid, below_at timestamptz, below_id uuid, at_most integer, members_shown integer
) RETURNS TABLE (
    id uuid, kind text, name text, created_by uuid, created_at timestamptz, active_at timestamptz, member_count integer,
    head bigint, role text, muted boolean, muted_until timestamptz, last_read_seq bigint, unread_count bigint, members json,
    last_message json
) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
    WITH mine AS (
        (SELECT cm.conversation_id, c.active_at, cm.role, cm.muted_until, cm.last_read_seq, cm.read_count
         FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
         WHERE cm.conversation_id = only_one AND cm.user_id = reader)
        UNION ALL
        (SELECT cm.conversation_id, cm.active_at, cm.role, cm.muted_until, cm.last_read_seq, cm.read_count
         FROM conversation_members cm
         WHERE only_one IS NULL AND cm.user_id = reader AND NOT cm.large
           AND (cm.active_at, cm.conversation_id) < (below_at, below_id)
         ORDER BY cm.active_at DESC, cm.conversation_id DESC
         LIMIT at_most)
        UNION ALL
        (SELECT cm.conversation_id, c.active_at, cm.role, cm.muted_until, cm.last_read_seq, cm.read_count
         FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
         WHERE only_one IS NULL AND cm.user_id = reader AND cm.large AND (c.active_at, c.id) < (below_at, below_id)
         ORDER BY c.active_at DESC, c.id DESC
         LIMIT at_most)
        ORDER BY 2 DESC, 1 DESC
        LIMIT at_most
    )
    SELECT c.id, c.kind, c.name, c.created_by, c.created_at, mine.active_at, c.member_count, s.head, mine.role,
           coalesce(mine.muted_until > now(), false),
           CASE WHEN mine.muted_until > now() AND isfinite(mine.muted_until) THEN mine.muted_until END,
           mine.last_read_seq, c.message_count - mine.read_count, shown.members,
           CASE WHEN m.id IS NOT NULL THEN message_json(m, reader) END
    FROM mine
    JOIN conversations c ON c.id = mine.conversation_id
    JOIN streams s ON s.id = c.id
    LEFT JOIN messages m ON m.id = c.last_message_id
    CROSS JOIN LATERAL (
        SELECT json_agg(member ORDER BY member.id) AS members
        FROM (SELECT u.id, u.username, u.display_name, few.role,
                     CASE WHEN only_one IS NOT NULL AND c.member_count <= 100 THEN few.last_read_seq END AS last_read_seq
              FROM (SELECT cm.user_id, cm.role, cm.last_read_seq FROM conversation_members cm
                    WHERE cm.conversation_id = c.id ORDER BY cm.user_id LIMIT members_shown) AS few
              JOIN users u ON u.id = few.user_id) AS member
    ) AS shown
    ORDER BY mine.active_at DESC, c.id DESC;
END $$;
