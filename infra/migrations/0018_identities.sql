-- API tokens and passkeys of users, and when a session was last confirmed by a log-in.

-- Creating what outlives a session needs a log-in, or a confirmation of the session, some minutes ago.
ALTER TABLE sessions ADD COLUMN confirmed_at timestamptz;

-- `id` stands where a session's does: in the token, in tickets and in sockets. `scopes` never change.
CREATE TABLE api_tokens (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name         text NOT NULL,
    scopes       text[] NOT NULL,
    hash         bytea NOT NULL, -- SHA-256
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz
);
COMMENT ON COLUMN api_tokens.hash IS 'secret';
CREATE INDEX api_tokens_of_user ON api_tokens (user_id, id DESC);

-- `credential_id` and `public_key` (COSE) are those of WebAuthn, neither is a secret. `sign_count` is that of the last use: an
-- authenticator that counts never repeats one. `second_factor`: a log-in with the password needs it, or a code.
CREATE TABLE passkeys (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    credential_id bytea NOT NULL,
    public_key    bytea NOT NULL,
    sign_count    bigint NOT NULL,
    name          text NOT NULL,
    transports    text[] NOT NULL,
    synced        boolean NOT NULL,
    second_factor boolean NOT NULL,
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz,
    CONSTRAINT passkeys_credential_key UNIQUE (credential_id)
);
CREATE INDEX passkeys_of_user ON passkeys (user_id, id DESC);
