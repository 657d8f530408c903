-- API tokens of users, and when a session was last confirmed by a log-in.

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
