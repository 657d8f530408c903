-- What shows that a restored database is whole: `make drill` and `make restore` read it, and so can an operator at any time.
-- Streams are compared over the last day of events, because a restore can only cut off the end. The 40 days bound what is read.
CREATE OR REPLACE FUNCTION database_report() RETURNS TABLE (name text, value text)
LANGUAGE sql STABLE AS $$
    WITH newest AS MATERIALIZED (
        SELECT max(e.created_at) AS at FROM events e WHERE e.created_at > now() - interval '40 days'
    ), recent AS (
        SELECT e.stream_id, max(e.seq) AS last FROM events e
        WHERE e.created_at > now() - interval '40 days' AND e.created_at > (SELECT n.at FROM newest n) - interval '1 day'
        GROUP BY e.stream_id
    )
    SELECT 'newest_event', coalesce((SELECT to_char(n.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM newest n), 'none')
    UNION ALL
    SELECT 'torn_streams', count(*)::text FROM recent r LEFT JOIN streams s ON s.id = r.stream_id
    WHERE s.head IS DISTINCT FROM r.last
    UNION ALL
    SELECT 'audit_faults', count(*)::text FROM audit_faults(NULL)
    UNION ALL
    SELECT 'users', count(*)::text FROM users
    UNION ALL
    SELECT 'conversations', count(*)::text FROM conversations
    UNION ALL
    SELECT 'forums', count(*)::text FROM forums
    UNION ALL
    SELECT 'streams', count(*)::text FROM streams
$$;
