-- How a consumer reads the log: see infra/migrations/0006_consumers.sql.

-- Which of `shards` shards does the events of a stream.
CREATE OR REPLACE FUNCTION shard_of(stream_id uuid, shards integer) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN ('x' || right(stream_id::text, 4))::bit(16)::integer % shards;

-- The next events of a window of transactions, which is complete. In a stream their numbers rise: a writer takes a number
-- when the one before is committed, so no window has a number and a later window one before it.
CREATE OR REPLACE FUNCTION consumed_events(
    since xid8, until xid8, after timestamptz, stream_id uuid, seq bigint, types text[], shard integer, shards integer, at_most integer
) RETURNS SETOF events LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e FROM events e
    WHERE e.xid >= since AND e.xid < until AND e.created_at >= after
      AND (e.stream_id, e.seq) > (consumed_events.stream_id, consumed_events.seq)
      AND e.type = ANY (types) AND (shards = 1 OR shard_of(e.stream_id, shards) = shard)
    ORDER BY e.stream_id, e.seq LIMIT at_most;
END;
