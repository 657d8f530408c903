-- How candidates become notifications, and how these are withdrawn.

CREATE OR REPLACE FUNCTION new_uuid7(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE
    RETURN (left(uuid7_floor(at)::text, 14) || '7' || substr(gen_random_uuid()::text, 16))::uuid;

-- What a notification says, from what it is made of now: its counts, its actors and its newest target.
CREATE OR REPLACE FUNCTION recount_notification(of_user_id uuid, of_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE notifications n
    SET event_count = now_there.events, actor_count = now_there.actors,
        actors = ARRAY (SELECT s.actor_id FROM notification_sources s
                        WHERE s.user_id = of_user_id AND s.notification_id = of_id AND s.actor_id IS NOT NULL
                        GROUP BY s.actor_id ORDER BY max(s.created_at) DESC, s.actor_id LIMIT 10),
        target_kind = CASE WHEN now_there.text_kind IS NULL THEN n.target_kind ELSE now_there.text_kind END,
        target_id = CASE WHEN now_there.text_kind IS NULL THEN n.target_id ELSE now_there.text_id END
    FROM (SELECT count(*) AS events, count(DISTINCT s.actor_id) AS actors,
                 (array_agg(s.text_kind ORDER BY s.created_at DESC, s.source_id DESC))[1] AS text_kind,
                 (array_agg(s.text_id ORDER BY s.created_at DESC, s.source_id DESC))[1] AS text_id
          FROM notification_sources s WHERE s.user_id = of_user_id AND s.notification_id = of_id) AS now_there
    WHERE n.user_id = of_user_id AND n.id = of_id;
END $$;

-- Whether somebody has taken back what they did: a reaction, or that they accepted an answer. What was read meanwhile stays: it was
-- true then.
CREATE OR REPLACE FUNCTION is_undone(source notification_sources) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF source.source_id = made_id('reaction' || source.text_id || source.actor_id) THEN
        IF EXISTS (SELECT FROM reactions r WHERE r.message_id = source.text_id AND r.user_id = source.actor_id) THEN
            RETURN false;
        END IF;
    ELSIF source.source_id = made_id('accepted' || source.text_id) THEN
        IF EXISTS (SELECT FROM posts p WHERE p.id = source.context_id AND p.accepted_comment_id = source.text_id) THEN
            RETURN false;
        END IF;
    ELSE
        RETURN false;
    END IF;
    RETURN EXISTS (SELECT FROM notifications n
                   WHERE n.user_id = source.user_id AND n.id = source.notification_id AND n.read_at IS NULL);
END $$;

-- Takes out of notifications what their users may not see any more, or what was taken back, of these sources: {user_id, source_id}. The caller has locked
-- the counters. Returns the events.
CREATE OR REPLACE FUNCTION withdraw_unseen(user_ids uuid[], source_ids uuid[], now_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    logged  jsonb := '[]';
    changed record;
    gone    notifications;
BEGIN
    FOR changed IN
        WITH withdrawn AS (
            UPDATE notification_sources s SET notification_id = NULL
            FROM (SELECT b.user_id, b.source_id, b.notification_id
                  FROM unnest(user_ids, source_ids) AS doubtful (user_id, source_id)
                  JOIN notification_sources b USING (user_id, source_id)
                  WHERE b.notification_id IS NOT NULL
                    AND ((b.actor_id IS NOT NULL AND is_block_between(b.user_id, b.actor_id))
                         OR NOT may_see_source(b.text_kind, b.text_id, b.user_id) OR is_undone(b))) AS before
            WHERE s.user_id = before.user_id AND s.source_id = before.source_id
            RETURNING before.user_id, before.notification_id, CASE WHEN s.is_mention AND s.place_seq IS NOT NULL THEN s.place_id END
                AS counted_in
        )
        SELECT w.user_id, w.notification_id, array_agg(DISTINCT w.counted_in) FILTER (WHERE w.counted_in IS NOT NULL) AS counted_in
        FROM withdrawn w GROUP BY w.user_id, w.notification_id ORDER BY w.user_id, w.notification_id
    LOOP
        PERFORM count_mentions(changed.user_id, each.id) FROM unnest(changed.counted_in) AS each (id);
        IF EXISTS (SELECT FROM notification_sources s
                   WHERE s.user_id = changed.user_id AND s.notification_id = changed.notification_id) THEN
            PERFORM recount_notification(changed.user_id, changed.notification_id);
            logged := logged || notification_event(changed.user_id, changed.notification_id, 'notification.updated', now_at);
        ELSE
            DELETE FROM notifications n WHERE n.user_id = changed.user_id AND n.id = changed.notification_id RETURNING * INTO gone;
            UPDATE notification_counters k
            SET unread = k.unread - (gone.read_at IS NULL)::integer, unseen = k.unseen - (gone.seen_at IS NULL)::integer
            WHERE k.user_id = changed.user_id;
            logged := logged || (log_event('user', changed.user_id, 'notification.withdrawn', jsonb_build_object(
                'id', changed.notification_id, 'badge', badge_json(changed.user_id)), now_at)
                || jsonb_build_object('audience', jsonb_build_array(changed.user_id)));
        END IF;
    END LOOP;
    RETURN logged;
END $$;

-- Logs what a notification is now in its user's stream. `mention_count` is that of its conversation.
CREATE OR REPLACE FUNCTION notification_event(of_user_id uuid, of_id uuid, type text, now_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    known notifications;
BEGIN
    SELECT * INTO known FROM notifications n WHERE n.user_id = of_user_id AND n.id = of_id;
    RETURN log_event('user', of_user_id, type, jsonb_build_object(
        'notification', notification_json(known, false), 'badge', badge_json(of_user_id),
        'mention_count', CASE WHEN known.place_kind = 'conversation' THEN coalesce(
            (SELECT k.count FROM mention_counts k WHERE k.user_id = of_user_id AND k.conversation_id = known.place_id), 0) END),
        now_at) || jsonb_build_object('audience', jsonb_build_array(of_user_id));
END $$;

-- Each source notifies a user at most once, whatever comes again. The caller has locked the counters of the users. Returns the
-- events.
CREATE OR REPLACE FUNCTION make_notifications(candidates notification_candidate[], now_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    logged  jsonb[] := '{}';
    wanted  notification_candidate[];
    silent  notification_candidate[];
    part    record;
BEGIN
    WITH new AS MATERIALIZED (
        SELECT DISTINCT ON (c.user_id, c.source_id) c
        FROM unnest(candidates) AS c
        WHERE NOT EXISTS (SELECT FROM notification_sources s WHERE s.user_id = c.user_id AND s.source_id = c.source_id)
        ORDER BY c.user_id, c.source_id, c.rank
    ), judged AS MATERIALIZED (
        SELECT n.c, verdict_on(n.c) AS verdict FROM new n
    )
    SELECT array_agg(j.c) FILTER (WHERE j.verdict = 'make'), array_agg(j.c) FILTER (WHERE j.verdict = 'silence')
    INTO wanted, silent FROM judged j;
    PERFORM write_sources(silent, NULL);
    FOR part IN
        SELECT c.user_id, c.group_key, array_agg(c ORDER BY c.created_at, c.source_id) AS sources
        FROM unnest(wanted) AS c GROUP BY c.user_id, c.group_key ORDER BY c.user_id, min(c.created_at), c.group_key
    LOOP
        logged := logged || add_to_notification(part.user_id, part.group_key, part.sources, now_at);
    END LOOP;
    RETURN to_jsonb(logged);
END $$;

CREATE OR REPLACE FUNCTION write_sources(sources notification_candidate[], notification_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notification_sources (user_id, source_id, notification_id, actor_id, text_kind, text_id, context_id, place_id,
                                      place_seq, is_mention, created_at)
    SELECT c.user_id, c.source_id, write_sources.notification_id, c.actor_id, c.text_kind, c.text_id, c.context_id, c.place_id,
           c.place_seq, c.kind IN ('mention', 'broadcast'), c.created_at
    FROM unnest(sources) AS c;
END $$;

-- `sources`: of one user and one group, the oldest first. They raise the group's unread notification, or make a new one.
CREATE OR REPLACE FUNCTION add_to_notification(
    of_user_id uuid, of_group text, sources notification_candidate[], now_at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    newest  notification_candidate := sources[cardinality(sources)];
    known   notifications;
    of_id   uuid;
    new_seq bigint;
BEGIN
    SELECT * INTO known FROM notifications n WHERE n.user_id = of_user_id AND n.group_key = of_group AND n.read_at IS NULL;
    of_id := coalesce(known.id, new_uuid7(now_at));
    UPDATE notification_counters k
    SET last_seq = k.last_seq + 1, unread = k.unread + (known.id IS NULL)::integer,
        unseen = k.unseen + (known.id IS NULL OR known.seen_at IS NOT NULL)::integer
    WHERE k.user_id = of_user_id RETURNING k.last_seq INTO new_seq;
    IF known.id IS NULL THEN
        INSERT INTO notifications (user_id, id, kind, group_key, place_kind, place_id, target_kind, target_id, actors, actor_count,
                                   event_count, seq, level, created_at, updated_at)
        VALUES (of_user_id, of_id, newest.kind, of_group, newest.place_kind, newest.place_id, newest.target_kind, newest.target_id,
                '{}', 0, 0, new_seq, newest.level, now_at, now_at);
    END IF;
    UPDATE notifications n
    SET seq = new_seq, updated_at = now_at, seen_at = NULL, target_kind = newest.target_kind, target_id = newest.target_id,
        event_count = n.event_count + cardinality(sources),
        actor_count = n.actor_count + (
            SELECT count(DISTINCT c.actor_id) FROM unnest(sources) AS c
            WHERE NOT EXISTS (SELECT FROM notification_sources s
                              WHERE s.user_id = of_user_id AND s.notification_id = of_id AND s.actor_id = c.actor_id)),
        actors = ARRAY (
            SELECT each.id FROM (
                SELECT c.actor_id AS id, -max(c.ordinality) AS place FROM unnest(sources) WITH ORDINALITY AS c
                WHERE c.actor_id IS NOT NULL GROUP BY c.actor_id
                UNION ALL
                SELECT before.id, before.ordinal FROM unnest(n.actors) WITH ORDINALITY AS before (id, ordinal)
                WHERE before.id <> ALL (SELECT c.actor_id FROM unnest(sources) AS c WHERE c.actor_id IS NOT NULL)
            ) AS each ORDER BY each.place LIMIT 10)
    WHERE n.user_id = of_user_id AND n.id = of_id;
    PERFORM write_sources(sources, of_id);
    PERFORM schedule_deliveries(of_user_id, of_id, now_at);
    INSERT INTO mention_counts AS k (user_id, conversation_id, count)
    SELECT of_user_id, c.place_id, count(*) FROM unnest(sources) AS c
    WHERE c.kind IN ('mention', 'broadcast') AND c.place_seq IS NOT NULL GROUP BY c.place_id
    ON CONFLICT (user_id, conversation_id) DO UPDATE SET count = k.count + excluded.count;
    RETURN notification_event(of_user_id, of_id,
                              CASE WHEN known.id IS NULL THEN 'notification.created' ELSE 'notification.updated' END, now_at);
END $$;
