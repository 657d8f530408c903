-- Reading and seeing notifications, on any device. Each function locks the user's counter first: see 0011_notifications.sql.

-- Marks unread notifications, whose counter the caller has locked, as read, and returns the event; null if there are none.
CREATE OR REPLACE FUNCTION mark_these_read(of_user_id uuid, ids uuid[], now_at timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    marked record;
BEGIN
    WITH changed AS (
        UPDATE notifications n SET read_at = now_at, seen_at = coalesce(n.seen_at, now_at)
        FROM (SELECT b.id, b.seen_at IS NULL AS was_unseen FROM notifications b
              WHERE b.user_id = of_user_id AND b.id = ANY (ids) AND b.read_at IS NULL) AS before
        WHERE n.user_id = of_user_id AND n.id = before.id
        RETURNING n.id, before.was_unseen
    )
    SELECT array_agg(c.id) AS ids, count(*) AS unread, count(*) FILTER (WHERE c.was_unseen) AS unseen INTO marked FROM changed c;
    IF marked.unread = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM cancel_deliveries(of_user_id, marked.ids, now_at);
    UPDATE notification_counters k SET unread = k.unread - marked.unread, unseen = k.unseen - marked.unseen
    WHERE k.user_id = of_user_id;
    RETURN log_event('user', of_user_id, 'notifications.read',
                     jsonb_build_object('ids', marked.ids, 'badge', badge_json(of_user_id)), now_at)
        || jsonb_build_object('audience', jsonb_build_array(of_user_id));
END $$;

-- By their ids; by the place or the target that they are about; or all up to one. The arguments that do not apply are null. At
-- most `at_most`, the oldest first. `is_complete`: there are no more of them. `is_known`: the one up to
-- which they are is there.
CREATE OR REPLACE FUNCTION read_notifications(
    of_user_id uuid, ids uuid[], about_id uuid, up_to_id uuid, at_most integer, now_at timestamptz,
    OUT logged jsonb, OUT badge jsonb, OUT is_complete boolean, OUT is_known boolean
) LANGUAGE plpgsql AS $$
DECLARE
    up_to bigint;
    found uuid[];
BEGIN
    PERFORM FROM notification_counters k WHERE k.user_id = of_user_id FOR NO KEY UPDATE;
    IF ids IS NOT NULL THEN
        found := ids;
    ELSIF about_id IS NOT NULL THEN
        found := ARRAY (SELECT n.id FROM notifications n
                        WHERE n.user_id = of_user_id AND n.place_id = about_id AND n.read_at IS NULL
                        UNION
                        SELECT n.id FROM notifications n
                        WHERE n.user_id = of_user_id AND n.target_id = about_id AND n.read_at IS NULL
                        UNION
                        SELECT s.notification_id FROM notification_sources s
                        WHERE s.context_id = about_id AND s.user_id = of_user_id AND s.notification_id IS NOT NULL
                        LIMIT at_most);
    ELSE
        up_to := (SELECT n.seq FROM notifications n WHERE n.user_id = of_user_id AND n.id = up_to_id);
        found := ARRAY (SELECT n.id FROM notifications n
                        WHERE n.user_id = of_user_id AND n.read_at IS NULL AND n.seq <= up_to ORDER BY n.seq LIMIT at_most);
    END IF;
    logged := mark_these_read(of_user_id, found, now_at);
    badge := badge_json(of_user_id);
    is_complete := ids IS NOT NULL OR cardinality(found) < at_most;
    is_known := up_to_id IS NULL OR up_to IS NOT NULL;
END $$;

-- The user has seen that there are these, up to one or (null) all, without reading them.
CREATE OR REPLACE FUNCTION see_notifications(
    of_user_id uuid, up_to_id uuid, now_at timestamptz, OUT logged jsonb, OUT badge jsonb, OUT is_known boolean
) LANGUAGE plpgsql AS $$
DECLARE
    up_to  bigint;
    marked integer;
BEGIN
    PERFORM FROM notification_counters k WHERE k.user_id = of_user_id FOR NO KEY UPDATE;
    up_to := CASE WHEN up_to_id IS NULL THEN 9223372036854775807
             ELSE (SELECT n.seq FROM notifications n WHERE n.user_id = of_user_id AND n.id = up_to_id) END;
    UPDATE notifications n SET seen_at = now_at
    WHERE n.user_id = of_user_id AND n.read_at IS NULL AND n.seen_at IS NULL AND n.seq <= up_to;
    GET DIAGNOSTICS marked = ROW_COUNT;
    UPDATE notification_counters k SET unseen = k.unseen - marked WHERE marked > 0 AND k.user_id = of_user_id;
    badge := badge_json(of_user_id);
    is_known := up_to IS NOT NULL;
    IF marked > 0 THEN
        logged := log_event('user', of_user_id, 'notifications.seen',
                            jsonb_build_object('up_to', up_to_id, 'badge', badge), now_at)
            || jsonb_build_object('audience', jsonb_build_array(of_user_id));
    END IF;
END $$;

CREATE OR REPLACE FUNCTION count_mentions(of_user_id uuid, of_conversation_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    counted integer := (
        SELECT count(*) FROM notification_sources s
        JOIN conversation_members cm ON cm.conversation_id = s.place_id AND cm.user_id = s.user_id
        WHERE s.place_id = of_conversation_id AND s.user_id = of_user_id AND s.notification_id IS NOT NULL AND s.is_mention
          AND s.place_seq > cm.last_read_seq);
BEGIN
    IF counted = 0 THEN
        DELETE FROM mention_counts k WHERE k.user_id = of_user_id AND k.conversation_id = of_conversation_id;
    ELSE
        INSERT INTO mention_counts (user_id, conversation_id, count) VALUES (of_user_id, of_conversation_id, counted)
        ON CONFLICT (user_id, conversation_id) DO UPDATE SET count = excluded.count;
    END IF;
END $$;

-- The user has read a conversation up to a number, which is stored already: so are their notifications of it, except those of later
-- messages, and what they have from earlier ones is no longer in those. Returns the event, or null.
CREATE OR REPLACE FUNCTION read_conversation_notifications(
    of_conversation_id uuid, of_user_id uuid, up_to_seq bigint, now_at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    found record;
    whole uuid[] := '{}';
BEGIN
    PERFORM FROM notification_counters k WHERE k.user_id = of_user_id FOR NO KEY UPDATE;
    FOR found IN
        SELECT n.id, EXISTS (SELECT FROM notification_sources s
                             WHERE s.user_id = n.user_id AND s.notification_id = n.id
                               AND s.place_seq > up_to_seq) AS has_later
        FROM notifications n
        WHERE n.user_id = of_user_id AND n.place_id = of_conversation_id AND n.read_at IS NULL
    LOOP
        IF found.has_later THEN
            UPDATE notification_sources s SET notification_id = NULL
            WHERE s.user_id = of_user_id AND s.notification_id = found.id AND s.place_seq <= up_to_seq;
            PERFORM recount_notification(of_user_id, found.id);
        ELSE
            whole := whole || found.id;
        END IF;
    END LOOP;
    PERFORM count_mentions(k.user_id, k.conversation_id) FROM mention_counts k
    WHERE k.user_id = of_user_id AND k.conversation_id = of_conversation_id;
    RETURN mark_these_read(of_user_id, whole, now_at);
END $$;
