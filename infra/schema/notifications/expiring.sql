-- How long notifications are kept. verdict_on() makes none about what happened before that, so that what is deleted here is not made
-- again, whatever is delivered again or edited.

CREATE OR REPLACE FUNCTION notifications_kept() RETURNS interval LANGUAGE sql IMMUTABLE RETURN interval '180 days';

-- Deletes the oldest `at_most` notifications in which nothing has happened for that long, of users whom nobody has locked. An unread
-- one is marked as read first, so that the badge is right. `logged`: the events to push; `deleted`: how many notifications, and
-- sources that notified nobody.
CREATE OR REPLACE FUNCTION expire_notifications(at_most integer, now_at timestamptz, OUT logged jsonb, OUT deleted integer)
LANGUAGE plpgsql AS $$
DECLARE
    before   timestamptz := now_at - notifications_kept();
    of_user  record;
    mentions uuid[];
    gone     integer;
BEGIN
    logged := '[]';
    deleted := 0;
    FOR of_user IN
        SELECT k.user_id FROM notification_counters k
        WHERE k.user_id IN (SELECT n.user_id FROM notifications n WHERE n.updated_at < before ORDER BY n.updated_at LIMIT at_most)
        ORDER BY k.user_id FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        logged := logged || coalesce(mark_these_read(of_user.user_id, ARRAY (
            SELECT n.id FROM notifications n
            WHERE n.user_id = of_user.user_id AND n.updated_at < before AND n.read_at IS NULL), now_at), '[]');
        WITH old AS (
            DELETE FROM notifications n WHERE n.user_id = of_user.user_id AND n.updated_at < before RETURNING n.id
        ), sources AS (
            DELETE FROM notification_sources s USING old
            WHERE s.user_id = of_user.user_id AND s.notification_id = old.id
            RETURNING CASE WHEN s.is_mention AND s.place_seq IS NOT NULL THEN s.place_id END AS counted_in
        )
        SELECT (SELECT count(*) FROM old), array_agg(DISTINCT s.counted_in) FILTER (WHERE s.counted_in IS NOT NULL)
        INTO gone, mentions FROM sources s;
        PERFORM count_mentions(of_user.user_id, place_id) FROM unnest(mentions) AS place_id;
        deleted := deleted + gone;
    END LOOP;
    DELETE FROM notification_sources s
    USING (SELECT o.user_id, o.source_id FROM notification_sources o
           WHERE o.notification_id IS NULL AND o.created_at < before ORDER BY o.created_at LIMIT at_most FOR UPDATE SKIP LOCKED) AS old
    WHERE s.user_id = old.user_id AND s.source_id = old.source_id;
    GET DIAGNOSTICS gone = ROW_COUNT;
    deleted := deleted + gone;
END $$;
