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
            logged := logged || notification_events(
                ARRAY[changed.user_id], ARRAY[changed.notification_id], ARRAY['notification.updated'], now_at);
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

-- Logs what notifications are now in the streams of their users, which the caller has locked. `mention_count` is that of the
-- conversation. Returns the events.
CREATE OR REPLACE FUNCTION notification_events(user_ids uuid[], ids uuid[], types text[], now_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    all_logged jsonb;
BEGIN
    WITH told AS MATERIALIZED (
        SELECT each.user_id, each.type, row_number() OVER of_user AS place,
               count(*) OVER (PARTITION BY each.user_id) AS number,
               jsonb_build_object(
                   'notification', notification_json(n, false),
                   'badge', jsonb_build_object('unread', k.unread, 'unseen', k.unseen),
                   'mention_count', CASE WHEN n.place_kind = 'conversation' THEN coalesce(m.count, 0) END) AS payload
        FROM unnest(user_ids, ids, types) WITH ORDINALITY AS each (user_id, id, type, ordinal)
        JOIN notifications n ON n.user_id = each.user_id AND n.id = each.id
        JOIN notification_counters k ON k.user_id = each.user_id
        LEFT JOIN mention_counts m ON m.user_id = each.user_id AND m.conversation_id = n.place_id
        WINDOW of_user AS (PARTITION BY each.user_id ORDER BY each.ordinal)
    ), heads AS (
        UPDATE streams s SET head = s.head + t.number FROM told t WHERE t.place = 1 AND s.id = t.user_id
        RETURNING s.id, s.head
    ), logged AS (
        INSERT INTO events (stream_id, seq, type, payload, created_at)
        SELECT t.user_id, h.head - t.number + t.place, t.type, t.payload, now_at
        FROM told t JOIN heads h ON h.id = t.user_id
        RETURNING stream_id, seq, type, payload
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'stream', 'user:' || l.stream_id, 'seq', l.seq, 'type', l.type, 'data', l.payload,
        'audience', jsonb_build_array(l.stream_id)) ORDER BY l.stream_id, l.seq), '[]')
    INTO all_logged FROM logged l;
    RETURN all_logged;
END $$;

-- Each source notifies a user at most once, whatever comes again. The caller has locked the counters of the users. Returns the
-- events.
CREATE OR REPLACE FUNCTION make_notifications(candidates notification_candidate[], now_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    wanted notification_candidate[];
    silent notification_candidate[];
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
    IF silent IS NOT NULL THEN
        PERFORM write_sources(silent, '{}', '{}', '{}');
    END IF;
    RETURN CASE WHEN wanted IS NULL THEN '[]' ELSE raise_notifications(wanted, now_at) END;
END $$;

-- The notification of each source is that of its user and group, if there is one among these.
CREATE OR REPLACE FUNCTION write_sources(sources notification_candidate[], user_ids uuid[], group_keys text[], ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notification_sources (user_id, source_id, notification_id, actor_id, text_kind, text_id, context_id, place_id,
                                      place_seq, is_mention, created_at)
    SELECT c.user_id, c.source_id, each.id, c.actor_id, c.text_kind, c.text_id, c.context_id, c.place_id,
           c.place_seq, c.kind IN ('mention', 'broadcast'), c.created_at
    FROM unnest(sources) AS c
    LEFT JOIN unnest(user_ids, group_keys, ids) AS each (user_id, group_key, id)
        ON each.user_id = c.user_id AND each.group_key = c.group_key;
END $$;

-- Of the candidates of one user and group, the oldest first, becomes what raises the group's unread notification, or a new one. All in
-- a few statements, however many users there are: a post with many followers comes here with some hundred at a time.
CREATE OR REPLACE FUNCTION raise_notifications(wanted notification_candidate[], now_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    raised record;
BEGIN
    SELECT array_agg(g.user_id) AS users, array_agg(g.group_key) AS keys, array_agg(coalesce(g.id, new_uuid7(now_at))) AS ids,
           array_agg(g.id IS NULL) AS are_new, array_agg(g.id IS NULL OR g.seen_at IS NOT NULL) AS are_unseen
    INTO raised
    FROM (SELECT c.user_id, c.group_key, n.id, n.seen_at
          FROM unnest(wanted) AS c
          LEFT JOIN notifications n ON n.user_id = c.user_id AND n.group_key = c.group_key AND n.read_at IS NULL
          GROUP BY c.user_id, c.group_key, n.id, n.seen_at ORDER BY c.user_id, min(c.created_at), c.group_key) AS g;
    UPDATE notification_counters k
    SET last_seq = k.last_seq + t.raised, unread = k.unread + t.new, unseen = k.unseen + t.unseen
    FROM (SELECT each.user_id, count(*) AS raised, count(*) FILTER (WHERE each.is_new) AS new,
                 count(*) FILTER (WHERE each.is_unseen) AS unseen
          FROM unnest(raised.users, raised.are_new, raised.are_unseen) AS each (user_id, is_new, is_unseen)
          GROUP BY each.user_id) AS t
    WHERE k.user_id = t.user_id;
    PERFORM write_notifications(wanted, raised.users, raised.keys, raised.ids, now_at);
    PERFORM write_sources(wanted, raised.users, raised.keys, raised.ids);
    PERFORM schedule_deliveries(each.user_id, each.id, now_at) FROM unnest(raised.users, raised.ids) AS each (user_id, id);
    INSERT INTO mention_counts AS k (user_id, conversation_id, count)
    SELECT c.user_id, c.place_id, count(*) FROM unnest(wanted) AS c
    WHERE c.kind IN ('mention', 'broadcast') AND c.place_seq IS NOT NULL GROUP BY c.user_id, c.place_id
    ON CONFLICT (user_id, conversation_id) DO UPDATE SET count = k.count + excluded.count;
    RETURN notification_events(raised.users, raised.ids, ARRAY (
        SELECT CASE WHEN is_new THEN 'notification.created' ELSE 'notification.updated' END FROM unnest(raised.are_new) AS is_new),
        now_at);
END $$;

-- Their counters have the new numbers already, and their new sources are not written yet.
CREATE OR REPLACE FUNCTION write_notifications(
    wanted notification_candidate[], user_ids uuid[], group_keys text[], ids uuid[], now_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notifications AS n (user_id, id, kind, group_key, place_kind, place_id, target_kind, target_id, actors, actor_count,
                                    event_count, seq, level, created_at, updated_at)
    SELECT each.user_id, each.id, (g.newest).kind, each.group_key, (g.newest).place_kind, (g.newest).place_id,
           (g.newest).target_kind, (g.newest).target_id,
           ARRAY (SELECT a.id FROM (
                      SELECT c.actor_id AS id, -max(c.ordinality) AS place FROM unnest(g.sources) WITH ORDINALITY AS c
                      WHERE c.actor_id IS NOT NULL GROUP BY c.actor_id
                      UNION ALL
                      SELECT old.id, old.ordinal FROM unnest(known.actors) WITH ORDINALITY AS old (id, ordinal)
                      WHERE old.id <> ALL (SELECT c.actor_id FROM unnest(g.sources) AS c WHERE c.actor_id IS NOT NULL)
                  ) AS a ORDER BY a.place LIMIT 10),
           coalesce(known.actor_count, 0) + (
               SELECT count(DISTINCT c.actor_id) FROM unnest(g.sources) AS c
               WHERE NOT EXISTS (SELECT FROM notification_sources s WHERE s.user_id = each.user_id
                                 AND s.notification_id = known.id AND s.actor_id = c.actor_id)),
           coalesce(known.event_count, 0) + cardinality(g.sources),
           k.last_seq - count(*) OVER of_user + row_number() OVER (of_user ORDER BY each.ordinal),
           (g.newest).level, now_at, now_at
    FROM unnest(user_ids, group_keys, ids) WITH ORDINALITY AS each (user_id, group_key, id, ordinal)
    JOIN (SELECT c.user_id, c.group_key, array_agg(c ORDER BY c.created_at, c.source_id) AS sources,
                 (array_agg(c ORDER BY c.created_at DESC, c.source_id DESC))[1] AS newest
          FROM unnest(wanted) AS c GROUP BY c.user_id, c.group_key) AS g USING (user_id, group_key)
    JOIN notification_counters k ON k.user_id = each.user_id
    LEFT JOIN notifications known ON known.user_id = each.user_id AND known.id = each.id
    WINDOW of_user AS (PARTITION BY each.user_id)
    ON CONFLICT (user_id, id) DO UPDATE
    SET seq = excluded.seq, updated_at = excluded.updated_at, seen_at = NULL, target_kind = excluded.target_kind,
        target_id = excluded.target_id, event_count = excluded.event_count, actor_count = excluded.actor_count,
        actors = excluded.actors;
END $$;
