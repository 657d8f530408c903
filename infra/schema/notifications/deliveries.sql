-- Push messages and mails about notifications: scheduled with the notification, cancelled by reading, claimed when due.

-- Whether a user wants no noise at that time, and until when: `at` itself where they do not mind.
CREATE OR REPLACE FUNCTION after_quiet_hours(at timestamptz, time_zone text, quiet_from time, quiet_until time)
RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    local_at timestamp := at AT TIME ZONE time_zone;
    is_quiet boolean;
BEGIN
    IF quiet_from IS NULL OR quiet_from = quiet_until THEN
        RETURN at;
    ELSIF quiet_from < quiet_until THEN
        is_quiet := local_at::time >= quiet_from AND local_at::time < quiet_until;
    ELSE
        is_quiet := local_at::time >= quiet_from OR local_at::time < quiet_until;
    END IF;
    IF NOT is_quiet THEN
        RETURN at;
    END IF;
    RETURN (local_at::date + quiet_until + CASE WHEN local_at::time >= quiet_until THEN interval '1 day' ELSE interval '0' END)
        AT TIME ZONE time_zone;
END $$;

-- The next full hour, the next morning, or the next Monday morning, of the user.
CREATE OR REPLACE FUNCTION next_digest(at timestamptz, every text, time_zone text)
RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    local_at timestamp := at AT TIME ZONE time_zone;
    morning CONSTANT interval := interval '8 hours';
    due timestamp;
BEGIN
    IF every = 'hourly' THEN
        RETURN date_trunc('hour', at) + interval '1 hour';
    ELSIF every = 'daily' THEN
        due := date_trunc('day', local_at) + morning;
        due := due + CASE WHEN due <= local_at THEN interval '1 day' ELSE interval '0' END;
    ELSE
        due := date_trunc('week', local_at) + morning;
        due := due + CASE WHEN due <= local_at THEN interval '7 days' ELSE interval '0' END;
    END IF;
    RETURN due AT TIME ZONE time_zone;
END $$;

-- Called in the transaction that makes or raises the notification. A push follows after a moment, in which an open client may have
-- shown and read it; a raised notification pushes again, at most once a minute. A mail goes once. What is quiet only gets into a
-- digest.
CREATE OR REPLACE FUNCTION schedule_deliveries(
    user_id uuid, notification_id uuid, at timestamptz,
    push_after interval DEFAULT '10 seconds', mail_after interval DEFAULT '5 minutes'
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wishes record;
BEGIN
    SELECT n.level, coalesce(p.push, true) AND EXISTS (SELECT FROM devices v WHERE v.user_id = schedule_deliveries.user_id) AS push,
           coalesce(p.mail, 'off') AS mail, coalesce(p.time_zone, 'UTC') AS time_zone, p.quiet_from, p.quiet_until
    INTO wishes
    FROM notifications n LEFT JOIN notification_preferences p ON p.user_id = n.user_id
    WHERE n.user_id = schedule_deliveries.user_id AND n.id = notification_id AND n.read_at IS NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF wishes.push AND wishes.level > 1 THEN
        INSERT INTO deliveries AS d (user_id, notification_id, channel, due_at)
        VALUES (
            schedule_deliveries.user_id, schedule_deliveries.notification_id, 'push',
            after_quiet_hours(at + push_after, wishes.time_zone, wishes.quiet_from, wishes.quiet_until)
        )
        ON CONFLICT ON CONSTRAINT deliveries_pkey DO UPDATE
        SET due_at = greatest(EXCLUDED.due_at, d.sent_at + interval '1 minute'),
            sent_at = NULL, cancelled_at = NULL, reason = NULL, attempt = 0
        WHERE d.sent_at IS NOT NULL OR d.cancelled_at IS NOT NULL;
    END IF;
    IF wishes.mail = 'off' OR (wishes.mail = 'immediate' AND wishes.level < 2) THEN
        RETURN;
    END IF;
    INSERT INTO deliveries (user_id, notification_id, channel, due_at)
    VALUES (
        schedule_deliveries.user_id, schedule_deliveries.notification_id,
        CASE wishes.mail WHEN 'immediate' THEN 'mail' ELSE 'digest' END,
        after_quiet_hours(
            CASE wishes.mail WHEN 'immediate' THEN at + mail_after ELSE next_digest(at, wishes.mail, wishes.time_zone) END,
            wishes.time_zone, wishes.quiet_from, wishes.quiet_until
        )
    )
    ON CONFLICT ON CONSTRAINT deliveries_pkey DO NOTHING;
END $$;

-- Called in the transaction that marks these as read, under the lock of the user's counter.
CREATE OR REPLACE FUNCTION cancel_deliveries(user_id uuid, ids uuid[], now_at timestamptz DEFAULT now())
RETURNS void LANGUAGE sql AS $$
    UPDATE deliveries d SET cancelled_at = now_at, reason = 'read'
    WHERE d.user_id = cancel_deliveries.user_id AND d.notification_id = ANY (ids) AND d.sent_at IS NULL AND d.cancelled_at IS NULL
$$;

-- Devices whose session has neither ended nor expired.
CREATE OR REPLACE VIEW live_devices AS
    SELECT v.id, v.user_id, v.platform FROM devices v JOIN sessions s ON s.id = v.session_id
    WHERE s.ended_at IS NULL AND s.expires_at > now();

-- Why an open delivery must not be sent now; null where it may.
CREATE OR REPLACE FUNCTION delivery_refusal(user_id uuid, notification_id uuid, channel text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN n.id IS NULL THEN 'gone'
        WHEN n.read_at IS NOT NULL THEN 'read'
        WHEN NOT is_shown(n) THEN 'hidden'
        WHEN n.kind = ANY (coalesce(p.silenced, '{}')) THEN 'off'
        WHEN n.place_kind = 'conversation' AND conversation_level(n.place_id, u.id) = 'nothing' THEN 'off'
        WHEN channel = 'push' AND NOT coalesce(p.push, true) THEN 'off'
        WHEN channel = 'push' AND NOT EXISTS (SELECT FROM live_devices v WHERE v.user_id = u.id) THEN 'no_device'
        WHEN channel <> 'push' AND coalesce(p.mail, 'off') = 'off' THEN 'off'
        WHEN channel <> 'push' AND u.email_verified_at IS NULL THEN 'unverified'
        WHEN channel <> 'push' AND EXISTS (SELECT FROM mail_suppressions s WHERE s.email = lower(u.email)) THEN 'suppressed'
    END
    FROM users u
    LEFT JOIN notifications n ON n.user_id = u.id AND n.id = delivery_refusal.notification_id
    LEFT JOIN notification_preferences p ON p.user_id = u.id
    WHERE u.id = delivery_refusal.user_id
$$;

-- Decides about all that is due of the users of the `most` oldest deliveries, whom nobody else has locked: each delivery is sent, cancelled or, in the
-- user's quiet hours, put off. Returns what is to be sent. A caller that dies then has not sent it, and nobody sends it again.
CREATE OR REPLACE FUNCTION claim_deliveries(now_at timestamptz, most integer)
RETURNS TABLE (user_id uuid, notification_id uuid, channel text, is_due boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    claimed uuid[];
BEGIN
    SELECT array_agg(locked.user_id) INTO claimed
    FROM (
        SELECT c.user_id FROM notification_counters c
        WHERE c.user_id IN (
            -- by the index, however many are due in the morning
            SELECT d.user_id FROM deliveries d
            WHERE d.sent_at IS NULL AND d.cancelled_at IS NULL AND d.due_at <= now_at
            ORDER BY d.due_at LIMIT most
        )
        FOR UPDATE SKIP LOCKED
    ) locked;
    -- A statement of its own: it sees what those had written who held the locks before.
    RETURN QUERY
    WITH judged AS (
        SELECT d.user_id, d.notification_id, d.channel, delivery_refusal(d.user_id, d.notification_id, d.channel) AS refusal,
               after_quiet_hours(now_at, coalesce(p.time_zone, 'UTC'), p.quiet_from, p.quiet_until) AS earliest
        FROM deliveries d LEFT JOIN notification_preferences p ON p.user_id = d.user_id
        WHERE d.user_id = ANY (claimed) AND d.sent_at IS NULL AND d.cancelled_at IS NULL AND d.due_at <= now_at
    ), decided AS (
        UPDATE deliveries d
        SET cancelled_at = CASE WHEN j.refusal IS NOT NULL THEN now_at END,
            reason = j.refusal,
            due_at = CASE WHEN j.refusal IS NULL THEN greatest(d.due_at, j.earliest) ELSE d.due_at END,
            sent_at = CASE WHEN j.refusal IS NULL AND j.earliest <= now_at THEN now_at END,
            attempt = d.attempt + 1
        FROM judged j
        WHERE d.user_id = j.user_id AND d.notification_id = j.notification_id AND d.channel = j.channel
        RETURNING d.user_id, d.notification_id, d.channel, d.sent_at IS NOT NULL AS is_due
    )
    SELECT d.user_id, d.notification_id, d.channel, d.is_due FROM decided d;
END $$;

-- What the queue did not take is due again a minute later.
CREATE OR REPLACE FUNCTION release_deliveries(user_ids uuid[], ids uuid[], channels text[], now_at timestamptz)
RETURNS void LANGUAGE sql AS $$
    UPDATE deliveries d SET sent_at = NULL, due_at = now_at + interval '1 minute'
    FROM unnest(user_ids, ids, channels) AS r(user_id, notification_id, channel)
    WHERE d.user_id = r.user_id AND d.notification_id = r.notification_id AND d.channel = r.channel
      AND d.sent_at IS NOT NULL AND d.cancelled_at IS NULL
$$;
