-- What sockets ask for again and again. A function keeps its plan, which takes longer to make than to run.

-- The heads of those of the streams that the reader may read: their own, those of their conversations, of forums that they may
-- read and of the posts there.
CREATE OR REPLACE FUNCTION heads_of(reader_id uuid, stream_ids uuid[])
RETURNS TABLE (id uuid, kind text, head bigint, has_own_view boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT s.id, s.kind, s.head + coalesce(own.number, 0), own.number IS NOT NULL
    FROM streams s
    CROSS JOIN LATERAL (
        SELECT max(o.number) AS number FROM own_events o
        WHERE o.stream_id = s.id AND o.user_id = reader_id AND s.kind IN ('forum', 'post')) AS own
    WHERE s.id = ANY (stream_ids)
      AND CASE s.kind
          WHEN 'user' THEN s.id = reader_id
          WHEN 'conv' THEN EXISTS (SELECT FROM conversation_members cm WHERE cm.conversation_id = s.id AND cm.user_id = reader_id)
          ELSE may_follow(s, reader_id) END;
END $$;

-- Of the streams of heads_of(), what a subscription needs. `blocks`: pairs of blocker and blocked, of whom one is the reader.
CREATE OR REPLACE FUNCTION access_to_subscribe(reader_id uuid, stream_ids uuid[])
RETURNS TABLE (id uuid, kind text, members integer, head bigint, blocks uuid[])
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    WITH block AS MATERIALIZED (
        SELECT b.blocker_id, b.blocked_id, b.other_id FROM blocks_around(reader_id) AS b
    )
    SELECT s.id, s.kind, coalesce(c.member_count, 0),
           s.head + CASE WHEN s.kind IN ('forum', 'post') THEN own_event_count(s.id, reader_id) ELSE 0 END,
           ARRAY (SELECT ARRAY[block.blocker_id, block.blocked_id] FROM block
                  WHERE s.kind <> 'conv'
                     OR EXISTS (SELECT FROM conversation_members other
                                WHERE other.conversation_id = s.id AND other.user_id = block.other_id))
    FROM streams s
    LEFT JOIN conversation_members cm ON cm.conversation_id = s.id AND cm.user_id = reader_id
    LEFT JOIN conversations c ON c.id = cm.conversation_id
    WHERE s.id = ANY (stream_ids)
      AND CASE s.kind
          WHEN 'user' THEN s.id = reader_id
          WHEN 'conv' THEN cm.user_id IS NOT NULL
          ELSE may_follow(s, reader_id) END;
END $$;
