-- How a client catches up.

-- For each stream its events after a number, up to another one, in any order. `history_after`: that of the reader, if the
-- stream is a conversation of theirs. The numbers of a stream have no gap, so it is known when all were found: first the
-- partitions of this month and the one before are read, and all others only if something is missing.
--
-- In a LATERAL with a LIMIT, else Postgres may join the whole month.
CREATE OR REPLACE FUNCTION events_between(reader_id uuid, stream_ids uuid[], after_seqs bigint[], up_to_seqs bigint[])
RETURNS TABLE (stream_id uuid, seq bigint, type text, payload jsonb, created_at timestamptz, history_after bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    recent_from  timestamptz := date_trunc('month', now() - interval '1 month', 'UTC');
    recent_until timestamptz := now() + interval '1 day';
    missing      bigint;
    row_count    bigint;
BEGIN
    missing := (SELECT sum(wanted.up_to - wanted.after) FROM unnest(after_seqs, up_to_seqs) AS wanted (after, up_to));
    RETURN QUERY
        SELECT found.stream_id, found.seq, found.type, found.payload, found.created_at, cm.history_after
        FROM unnest(stream_ids, after_seqs, up_to_seqs) AS wanted (id, after, up_to)
        LEFT JOIN conversation_members cm ON cm.conversation_id = wanted.id AND cm.user_id = reader_id
        CROSS JOIN LATERAL (
            SELECT * FROM events e
            WHERE e.stream_id = wanted.id AND e.seq > wanted.after AND e.seq <= wanted.up_to
              AND e.created_at >= recent_from AND e.created_at < recent_until
            LIMIT wanted.up_to - wanted.after
        ) AS found;
    GET DIAGNOSTICS row_count = ROW_COUNT;
    IF row_count < missing THEN
        RETURN QUERY
            SELECT found.stream_id, found.seq, found.type, found.payload, found.created_at, cm.history_after
            FROM unnest(stream_ids, after_seqs, up_to_seqs) AS wanted (id, after, up_to)
            LEFT JOIN conversation_members cm ON cm.conversation_id = wanted.id AND cm.user_id = reader_id
            CROSS JOIN LATERAL (
                SELECT * FROM events e
                WHERE e.stream_id = wanted.id AND e.seq > wanted.after AND e.seq <= wanted.up_to
                  AND (e.created_at < recent_from OR e.created_at >= recent_until)
                LIMIT wanted.up_to - wanted.after
            ) AS found;
    END IF;
END $$;

-- What a new socket begins with: the user of the session, and the heads of their own stream and of `limit_to` conversations,
-- the most recently active first. No row if the session, or the API token that stands
-- for it, has ended.
CREATE OR REPLACE FUNCTION greeting(session_id uuid, reader_id uuid, limit_to integer)
RETURNS TABLE ("user" json, unread integer, unseen integer, ids uuid[], kinds text[], heads bigint[]) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name, 'bio', u.bio,
                             'avatar', u.avatar, 'status', status_json(u.status), 'created_at', u.created_at),
           k.unread, k.unseen, known.ids, known.kinds, known.heads
    FROM (
        SELECT l.id, l.user_id FROM sessions l WHERE l.ended_at IS NULL AND l.expires_at > now()
        UNION ALL SELECT t.id, t.user_id FROM api_tokens t WHERE t.expires_at > now()
    ) s
    JOIN users u ON u.id = s.user_id
    JOIN notification_counters k ON k.user_id = u.id
    CROSS JOIN (
        SELECT array_agg(each.id) AS ids, array_agg(each.kind) AS kinds, array_agg(each.head) AS heads
        FROM (
            SELECT own.id, own.kind, own.head FROM streams own WHERE own.id = reader_id
            UNION ALL
            (SELECT st.id, st.kind, st.head
             FROM (
                (SELECT cm.conversation_id, cm.active_at FROM conversation_members cm
                 WHERE cm.user_id = reader_id AND NOT cm.large
                 ORDER BY cm.active_at DESC, cm.conversation_id DESC LIMIT limit_to)
                UNION ALL
                (SELECT cm.conversation_id, c.active_at
                 FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
                 WHERE cm.user_id = reader_id AND cm.large ORDER BY c.active_at DESC LIMIT limit_to)
             ) AS mine
             JOIN streams st ON st.id = mine.conversation_id
             ORDER BY mine.active_at DESC
             LIMIT limit_to)
        ) AS each
    ) AS known
    WHERE s.id = greeting.session_id;
END $$;
