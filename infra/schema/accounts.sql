-- Users as others see them, their sessions and passwords.

-- The users with these names, which are in lower case: each has the name now, or had it and keeps it.
CREATE OR REPLACE FUNCTION users_named(names text[]) RETURNS TABLE (user_id uuid, name text) LANGUAGE sql STABLE AS $$
    SELECT u.id, lower(u.username) FROM users u WHERE lower(u.username) = ANY (names)
    UNION ALL
    SELECT f.user_id, f.name FROM former_usernames f WHERE f.name = ANY (names) AND f.kept_until > now()
$$;

-- Why the user may not change to a name, or null: too many former names are kept already. The new name may be one of them.
CREATE OR REPLACE FUNCTION rename_refusal(renamed_id uuid, new_name text, at_most integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF new_name IS NULL OR EXISTS (SELECT FROM users u WHERE u.id = renamed_id AND lower(u.username) = lower(new_name)) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT 'too_many_usernames' FROM former_usernames f
            WHERE f.user_id = renamed_id AND f.kept_until > now() AND f.name <> lower(new_name)
            HAVING count(*) >= at_most);
END $$;

-- A user's status, or null when it is over.
CREATE OR REPLACE FUNCTION status_json(status jsonb) RETURNS jsonb LANGUAGE sql STABLE
    RETURN CASE WHEN (status ->> 'until')::timestamptz <= now() THEN NULL ELSE status END;

-- A user as lists of forums and moderation show them.
CREATE OR REPLACE FUNCTION user_json(user_id uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name,
                                     'avatar', u.avatar)
            FROM users u WHERE u.id = user_id);
END $$;

-- The blocks that a user takes part in, on either side: between the user and `other_id`.
CREATE OR REPLACE FUNCTION blocks_around(of_user_id uuid) RETURNS TABLE (blocker_id uuid, blocked_id uuid, other_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT b.user_id, b.blocked_id, b.blocked_id FROM blocks b WHERE b.user_id = of_user_id
    UNION ALL
    SELECT b.user_id, b.blocked_id, b.user_id FROM blocks b WHERE b.blocked_id = of_user_id
$$;

-- Whether one of two users has blocked the other: then neither reaches the other.
CREATE OR REPLACE FUNCTION is_block_between(one_id uuid, other_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM blocks b
        WHERE (b.user_id, b.blocked_id) IN ((one_id, other_id), (other_id, one_id)));
END $$;

-- Whether `user_id` has blocked `other_id`, whose posts and comments are then collapsed and notify nobody.
CREATE OR REPLACE FUNCTION has_blocked(user_id uuid, other_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM blocks b WHERE b.user_id = has_blocked.user_id AND b.blocked_id = other_id);
END $$;

CREATE OR REPLACE FUNCTION blocks_anybody(user_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM blocks b WHERE b.user_id = blocks_anybody.user_id);
END $$;

-- Ends the live sessions of a user except `kept_session_id` (null keeps none), and all API tokens. Returns one row with the
-- sessions and tokens that ended, and the hashes of access tokens and API tokens, which the caller removes from the cache.
CREATE OR REPLACE FUNCTION end_sessions(user_id uuid, kept_session_id uuid, now_at timestamptz)
    RETURNS TABLE (session_ids uuid[], access_hashes bytea[]) LANGUAGE sql AS $$
    WITH ended AS (
        UPDATE sessions s SET ended_at = now_at
        WHERE s.user_id = end_sessions.user_id AND s.id IS DISTINCT FROM kept_session_id
          AND s.ended_at IS NULL AND s.expires_at > now_at
        RETURNING s.id, s.access_hash, s.previous_access_hash
    ), deleted AS (
        DELETE FROM api_tokens t WHERE t.user_id = end_sessions.user_id RETURNING t.id, t.hash
    ), hashes AS (
        SELECT ended.id, ended.access_hash AS hash FROM ended
        UNION ALL SELECT ended.id, ended.previous_access_hash FROM ended WHERE ended.previous_access_hash IS NOT NULL
        UNION ALL SELECT deleted.id, deleted.hash FROM deleted
    )
    SELECT coalesce(array_agg(DISTINCT hashes.id), '{}'), coalesce(array_agg(hashes.hash), '{}') FROM hashes
$$;

-- Changes the password and ends the other sessions. Returns no row if the password is no longer the one that was checked.
--
-- The user's row is locked first and the sessions are read after that, each statement with a snapshot of its own. A login
-- with the old password takes a shared lock on the same row while it writes its session: either its session is seen here and
-- ended, or the login finds the password changed.
CREATE OR REPLACE FUNCTION change_password(
    user_id uuid, checked_hash text, new_hash text, kept_session_id uuid, now_at timestamptz
) RETURNS TABLE (session_ids uuid[], access_hashes bytea[]) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users u SET password_hash = new_hash WHERE u.id = user_id AND u.password_hash = checked_hash;
    IF FOUND THEN
        RETURN QUERY SELECT * FROM end_sessions(user_id, kept_session_id, now_at);
    END IF;
END $$;

-- A user as they see themselves.
CREATE OR REPLACE FUNCTION me_json(account users) RETURNS jsonb LANGUAGE sql STABLE
    RETURN jsonb_build_object(
        'id', account.id, 'username', account.username, 'email', account.email,
        'email_verified', account.email_verified_at IS NOT NULL, 'display_name', account.display_name,
        'bio', account.bio, 'avatar', account.avatar, 'status', status_json(account.status),
        'created_at', rfc3339(account.created_at), 'totp', account.totp_active, 'language', account.language);

-- Appends `user.updated` to the user's own stream, with the profile as the user sees it. Returns the number of the event.
CREATE OR REPLACE FUNCTION append_profile_event(account users, now_at timestamptz) RETURNS bigint LANGUAGE sql AS $$
    WITH stream_head AS (
        UPDATE streams s SET head = s.head + 1 WHERE s.id = account.id RETURNING s.head
    )
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    SELECT account.id, stream_head.head, 'user.updated',
           jsonb_build_object('user', me_json(account)), now_at
    FROM stream_head
    RETURNING seq
$$;
