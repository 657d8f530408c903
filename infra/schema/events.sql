-- The partitions of the tables that are partitioned by month.

-- Makes the partitions of the month that contains `at`. It is safe to call it again, and from two places at once. It runs as
-- the owner, because the functions' role may not create tables.
CREATE OR REPLACE FUNCTION make_partitions(at timestamptz) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public AS $$
DECLARE
    month_start timestamptz := date_trunc('month', at, 'UTC');
    month_end   timestamptz := date_trunc('month', at, 'UTC') + interval '1 month';
    suffix      text := to_char(at AT TIME ZONE 'UTC', '"y"YYYY"m"MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('make_partitions'));
    EXECUTE format('CREATE TABLE IF NOT EXISTS events_%s PARTITION OF events FOR VALUES FROM (%L) TO (%L)',
                   suffix, month_start, month_end);
    EXECUTE format('CREATE TABLE IF NOT EXISTS messages_%s PARTITION OF messages FOR VALUES FROM (%L) TO (%L)',
                   suffix, uuid7_floor(month_start), uuid7_floor(month_end));
END $$;

-- What the first write with a nonce logged: the hash of its request, and the data of its event, which is empty for what is
-- answered with the thing as it is now. The event is read by its time, so that only its partition is.
CREATE OR REPLACE FUNCTION first_result(user_id uuid, nonce text, OUT request_hash bytea, OUT payload jsonb)
RETURNS SETOF record LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    used nonces;
BEGIN
    SELECT * INTO used FROM nonces n WHERE n.user_id = first_result.user_id AND n.nonce = first_result.nonce;
    IF FOUND THEN
        request_hash := used.body_hash;
        payload := coalesce((SELECT e.payload FROM events e WHERE e.stream_id = used.stream_id AND e.seq = used.seq
                                                               AND e.created_at = used.created_at), '{}');
        RETURN NEXT;
    END IF;
END $$;
