-- What the consumer does about some hundred events, in one transaction. Users are locked first, their counters and then their
-- streams, the lesser id first; then each statement sees what was read or blocked before.

CREATE OR REPLACE FUNCTION lock_notified(user_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM notification_counters k WHERE k.user_id = ANY (user_ids) ORDER BY k.user_id FOR NO KEY UPDATE;
    PERFORM FROM streams s WHERE s.id = ANY (user_ids) ORDER BY s.id FOR NO KEY UPDATE;
END $$;

-- Sources about which an event may have changed what a user may see: those of these texts, of what is below these posts, of users
-- in places that they have left, and between users of whom one has blocked the other. `left_places`, `blocks`: [[user, other id]].
CREATE OR REPLACE FUNCTION doubtful_sources(texts uuid[], contexts uuid[], left_places jsonb, blocks jsonb)
RETURNS TABLE (user_id uuid, source_id uuid) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT s.user_id, s.source_id FROM notification_sources s WHERE s.text_id = ANY (texts) AND s.notification_id IS NOT NULL
    UNION
    SELECT s.user_id, s.source_id FROM notification_sources s WHERE s.context_id = ANY (contexts) AND s.notification_id IS NOT NULL
    UNION
    SELECT s.user_id, s.source_id
    FROM jsonb_array_elements(left_places) AS gone
    JOIN notification_sources s ON s.place_id = (gone ->> 1)::uuid AND s.user_id = (gone ->> 0)::uuid
    WHERE s.notification_id IS NOT NULL
    UNION
    SELECT s.user_id, s.source_id
    FROM jsonb_array_elements(blocks) AS block
    CROSS JOIN LATERAL (VALUES ((block ->> 0)::uuid, (block ->> 1)::uuid), ((block ->> 1)::uuid, (block ->> 0)::uuid))
        AS pair (user_id, actor_id)
    JOIN notification_sources s ON s.user_id = pair.user_id AND s.actor_id = pair.actor_id
    WHERE s.notification_id IS NOT NULL;
END $$;

-- Of reactions that were taken back: [[message id, user]].
CREATE OR REPLACE FUNCTION sources_of_reactions(undone jsonb) RETURNS TABLE (user_id uuid, source_id uuid)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT s.user_id, s.source_id
    FROM jsonb_array_elements(undone) AS reaction
    CROSS JOIN LATERAL message_by_id((reaction ->> 0)::uuid) AS m
    JOIN notification_sources s ON s.user_id = m.author_id AND s.source_id = made_id('reaction' || m.id || (reaction ->> 1))
    WHERE s.notification_id IS NOT NULL;
END $$;

-- Those of the texts or posts about which many users have a notification: they are looked at in a fan-out.
CREATE OR REPLACE FUNCTION widely_known(texts uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY (
        SELECT wanted.id FROM unnest(texts) AS wanted (id)
        WHERE EXISTS (SELECT FROM notification_sources s WHERE s.text_id = wanted.id AND s.notification_id IS NOT NULL OFFSET 200)
           OR EXISTS (SELECT FROM notification_sources s WHERE s.context_id = wanted.id AND s.notification_id IS NOT NULL
                      OFFSET 200));
END $$;

CREATE OR REPLACE FUNCTION among(ids uuid[], others uuid[]) RETURNS uuid[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY (SELECT id FROM unnest(ids) WITH ORDINALITY AS each (id, ordinal) WHERE id = ANY (others) ORDER BY ordinal);

CREATE OR REPLACE FUNCTION without(ids uuid[], others uuid[]) RETURNS uuid[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY (SELECT id FROM unnest(ids) AS id WHERE id <> ALL (others));

-- Who writes a post or a comment follows the post, unless they have chosen otherwise.
CREATE OR REPLACE FUNCTION follow_by_writing(post_ids uuid[], comment_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO follows (user_id, kind, target_id, level, since, is_automatic)
    SELECT DISTINCT ON (written.user_id, written.post_id) written.user_id, 'post', written.post_id, 'everything', written.at, true
    FROM (SELECT p.author_id AS user_id, p.id AS post_id, p.created_at AS at FROM posts p WHERE p.id = ANY (post_ids)
          UNION ALL
          SELECT c.author_id, c.post_id, c.created_at FROM comments c WHERE c.id = ANY (comment_ids)) AS written
    WHERE EXISTS (SELECT FROM users u WHERE u.id = written.user_id)
    ORDER BY written.user_id, written.post_id, written.at
    ON CONFLICT DO NOTHING;
END $$;

-- `messages`, `posts`, `comments`: created or changed ones; `created`: which of these are new and go to followers; `sent`: {user_id, conversation_id, seq} of the last message of each
-- author, who has read up to it; `cases`: {kind, case_id}, kinds of fan-outs; other arguments as above. Returns the events to push.
CREATE OR REPLACE FUNCTION notify_of_events(
    messages uuid[], posts uuid[], comments uuid[], created uuid[], reactions jsonb, notices jsonb, changed_texts uuid[], changed_posts uuid[],
    left_places jsonb, closed_forums uuid[], blocks jsonb, sent jsonb, undone_reactions jsonb,
    cases jsonb, now_at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    candidates notification_candidate[] := ARRAY (
        SELECT c FROM message_candidates(messages) AS c
        UNION ALL SELECT c FROM post_candidates(posts) AS c
        UNION ALL SELECT c FROM comment_candidates(comments) AS c
        UNION ALL SELECT c FROM reaction_candidates(reactions) AS c
        UNION ALL SELECT c FROM notice_candidates(notices) AS c);
    doubtful   record;
    logged     jsonb := '[]';
    read       record;
    many       uuid[] := widely_known(changed_texts);
BEGIN
    SELECT coalesce(array_agg(d.user_id), '{}') AS users, coalesce(array_agg(d.source_id), '{}') AS sources INTO doubtful
    FROM (SELECT * FROM doubtful_sources(without(changed_texts, many), without(changed_posts, many), left_places, blocks)
          UNION SELECT * FROM sources_of_reactions(undone_reactions)) AS d;
    PERFORM lock_notified(ARRAY (
        SELECT c.user_id FROM unnest(candidates) AS c UNION SELECT unnest(doubtful.users)
        UNION SELECT s.user_id FROM jsonb_to_recordset(sent) AS s (user_id uuid)));
    FOR read IN
        SELECT s.user_id, s.conversation_id, cm.last_read_seq
        FROM jsonb_to_recordset(sent) AS s (user_id uuid, conversation_id uuid)
        JOIN conversation_members cm USING (user_id, conversation_id)
        WHERE EXISTS (SELECT FROM notifications n
                      WHERE n.user_id = s.user_id AND n.place_id = s.conversation_id AND n.read_at IS NULL)
        ORDER BY s.user_id, s.conversation_id
    LOOP
        logged := logged || coalesce(
            read_conversation_notifications(read.conversation_id, read.user_id, read.last_read_seq, now_at), '[]');
    END LOOP;
    logged := logged || withdraw_unseen(doubtful.users, doubtful.sources, now_at) || make_notifications(candidates, now_at);
    PERFORM follow_by_writing(posts, comments);
    PERFORM fan_out_messages(among(messages, created), now_at), fan_out_posts(among(posts, created), now_at),
            fan_out_comments(among(comments, created), now_at);
    PERFORM add_to_fan_out('changed_text', text_id, text_id, now_at) FROM unnest(many) AS text_id;
    PERFORM add_to_fan_out(each.kind, each.case_id, each.case_id, now_at)
    FROM jsonb_to_recordset(cases) AS each (kind text, case_id uuid);
    PERFORM add_to_fan_out('closed_forum', forum_id, forum_id, now_at) FROM unnest(closed_forums) AS forum_id;
    RETURN logged;
END $$;

CREATE OR REPLACE FUNCTION sources_of_users(kind text, subject_id uuid, users uuid[])
RETURNS TABLE (user_id uuid, source_id uuid) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT s.user_id, s.source_id FROM notification_sources s
    WHERE s.user_id = ANY (users) AND s.notification_id IS NOT NULL
      AND (kind = 'closed_forum' AND s.place_id = subject_id
           OR kind = 'changed_text' AND (s.text_id = subject_id OR s.context_id = subject_id));
END $$;

-- A part of a fan-out, to these users.
CREATE OR REPLACE FUNCTION notify_followers(kind text, subject_id uuid, sources uuid[], users uuid[], now_at timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    candidates notification_candidate[];
    doubtful   record;
BEGIN
    PERFORM lock_notified(users);
    IF kind IN ('changed_text', 'closed_forum') THEN
        SELECT array_agg(d.user_id) AS users, array_agg(d.source_id) AS sources INTO doubtful
        FROM sources_of_users(kind, subject_id, users) AS d;
        RETURN withdraw_unseen(doubtful.users, doubtful.sources, now_at);
    END IF;
    IF kind IN ('report_claimed', 'report_resolved') THEN
        candidates := ARRAY (SELECT c FROM report_candidates(kind, subject_id, users, now_at) AS c);
    ELSE
        candidates := ARRAY (SELECT c FROM fan_out_candidates(kind, subject_id, sources, users) AS c);
    END IF;
    RETURN make_notifications(candidates, now_at);
END $$;

-- Events of transactions from `since` on that have ended, of these types, of streams that have at most `busy` of them.
CREATE OR REPLACE FUNCTION quiet_events(since xid8, after timestamptz, types text[], busy integer, at_most integer)
RETURNS SETOF events LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e FROM events e
    WHERE e.xid >= since AND e.created_at >= after AND e.type = ANY (types) AND e.stream_id IN (
        SELECT b.stream_id FROM events b WHERE b.xid >= since AND b.created_at >= after
        GROUP BY b.stream_id HAVING count(*) <= busy)
    ORDER BY e.xid, e.stream_id, e.seq LIMIT at_most;
END;
