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
