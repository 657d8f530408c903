-- Users, their sessions and second factors, and who has blocked whom.
--
-- Operators who read in the database do not see the columns whose comment is 'secret' (docs/sql.md).

-- Codes are computed from `totp_secret`, so it is stored as it is; the disk is encrypted. Until a first code confirms it,
-- `totp_active` is false. `totp_step` is the last 30-second step (RFC 6238) whose code was accepted: a code works once.
CREATE TABLE users (
    id            uuid PRIMARY KEY,
    username      text NOT NULL,
    email         text NOT NULL,
    password_hash text NOT NULL,
    display_name  text NOT NULL,
    bio           text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    totp_secret   bytea,
    totp_active   boolean NOT NULL DEFAULT false,
    totp_step     bigint NOT NULL DEFAULT 0,
    CONSTRAINT users_totp_active CHECK (totp_secret IS NOT NULL OR NOT totp_active)
);
COMMENT ON COLUMN users.password_hash IS 'secret';
COMMENT ON COLUMN users.totp_secret IS 'secret';
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

-- A backup code has 80 random bits, so a fast hash is enough. A used code is deleted.
CREATE TABLE backup_codes (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    hash    bytea NOT NULL, -- SHA-256
    PRIMARY KEY (user_id, hash)
);
COMMENT ON COLUMN backup_codes.hash IS 'secret';

-- One row is one family of tokens. Tokens are stored as SHA-256 only. The access token before the current one is accepted until
-- `previous_access_until`, for requests that are on their way and for other tabs.
CREATE TABLE sessions (
    id                uuid PRIMARY KEY,
    user_id           uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    device            text NOT NULL,
    created_at        timestamptz NOT NULL,
    last_used_at      timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    ended_at          timestamptz,
    access_hash       bytea NOT NULL,
    access_expires_at timestamptz NOT NULL,
    previous_access_hash  bytea,
    previous_access_until timestamptz
) WITH (fillfactor = 80);
COMMENT ON COLUMN sessions.access_hash IS 'secret';
COMMENT ON COLUMN sessions.previous_access_hash IS 'secret';
-- Without last_used_at, so that a refresh stays a heap-only update.
CREATE INDEX sessions_of_user ON sessions (user_id, ended_at, id);

-- Used tokens are kept, so that a second use is noticed. `sealed` holds the successors, encrypted with this token: a client
-- that lost the answer can get it again within the grace period.
CREATE TABLE refresh_tokens (
    hash       bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    used_at    timestamptz,
    sealed     bytea
);
COMMENT ON COLUMN refresh_tokens.hash IS 'secret';
COMMENT ON COLUMN refresh_tokens.sealed IS 'secret';
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- `user_id` has blocked `blocked_id`.
CREATE TABLE blocks (
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    blocked_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
);
CREATE INDEX blocks_of_blocked ON blocks (blocked_id, user_id);
CREATE INDEX blocks_by_age ON blocks (user_id, created_at DESC, blocked_id DESC);
