-- Sessions that one can list and end, and the second factor: codes by time (RFC 6238) and backup codes.

-- The secret is kept as it is, because codes are computed from it; the disk it lies on is encrypted. It waits, not active,
-- until a first code has confirmed it. `totp_step`: the last step of 30 s whose code was taken, so that a code is good once.
ALTER TABLE users
    ADD COLUMN totp_secret bytea,
    ADD COLUMN totp_active boolean NOT NULL DEFAULT false,
    ADD COLUMN totp_step   bigint  NOT NULL DEFAULT 0,
    ADD CONSTRAINT users_totp_active CHECK (totp_secret IS NOT NULL OR NOT totp_active);

-- Of 80 random bits, so a fast hash is enough. One that was taken is deleted.
CREATE TABLE backup_codes (
    user_id uuid  NOT NULL REFERENCES users ON DELETE CASCADE,
    hash    bytea NOT NULL, -- SHA-256
    PRIMARY KEY (user_id, hash)
);

-- Without last_used_at, so that a refresh stays a heap-only update.
CREATE INDEX sessions_of_user ON sessions (user_id, ended_at, id);
DROP INDEX sessions_by_user;

-- Ends a person's live sessions, but for one that is kept (or null); always one row, with what must be forgotten elsewhere.
CREATE FUNCTION end_sessions(person uuid, kept uuid, moment timestamptz)
    RETURNS TABLE (session_ids uuid[], access_hashes bytea[]) LANGUAGE sql AS $$
    WITH ended AS (
        UPDATE sessions SET ended_at = moment
        WHERE user_id = person AND id IS DISTINCT FROM kept AND ended_at IS NULL AND expires_at > moment
        RETURNING id, access_hash
    )
    SELECT coalesce(array_agg(id), '{}'), coalesce(array_agg(access_hash), '{}') FROM ended
$$;

-- No row where the password is no longer the one that was checked. The person's row is locked first and the sessions are
-- looked for next, each statement with a snapshot of its own: a log-in with the old password, which shares that lock while
-- it writes its session, is either seen here and ended, or finds the password changed.
CREATE FUNCTION change_password(person uuid, checked_hash text, new_hash text, kept uuid, moment timestamptz)
    RETURNS TABLE (session_ids uuid[], access_hashes bytea[]) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users SET password_hash = new_hash WHERE id = person AND password_hash = checked_hash;
    IF FOUND THEN
        RETURN QUERY SELECT * FROM end_sessions(person, kept, moment);
    END IF;
END $$;

-- Logs how a person's profile is now, as they see it themselves, on their own stream; the event's number.
CREATE FUNCTION log_profile(person users, moment timestamptz) RETURNS bigint LANGUAGE sql AS $$
    WITH place AS (
        UPDATE streams SET head = head + 1 WHERE id = person.id RETURNING head
    )
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    SELECT person.id, head, 'user.updated',
           jsonb_build_object('user', jsonb_build_object(
               'id', person.id, 'username', person.username, 'email', person.email,
               'display_name', person.display_name, 'bio', person.bio,
               'created_at', rfc3339(person.created_at), 'totp', person.totp_active)),
           moment
    FROM place
    RETURNING seq
$$;
