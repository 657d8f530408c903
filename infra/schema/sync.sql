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
