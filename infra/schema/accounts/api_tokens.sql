-- API tokens: how they are admitted and made.

-- An API token, if it is the one with this hash. Notes its use, at most once a minute: the cache asks every few minutes.
CREATE OR REPLACE FUNCTION use_api_token(token_id uuid, of_user_id uuid, token_hash bytea)
    RETURNS TABLE (live boolean, current boolean, usable_ms bigint, verified boolean, approved boolean, scopes text[]) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE api_tokens t SET last_used_at = now()
    WHERE t.id = token_id AND t.user_id = of_user_id AND t.hash = token_hash AND t.expires_at > now()
      AND (t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute');
    RETURN QUERY
    SELECT true, true, (extract(epoch FROM t.expires_at - now()) * 1000)::bigint,
           u.email_verified_at IS NOT NULL, u.approved_at IS NOT NULL, t.scopes
    FROM api_tokens t JOIN users u ON u.id = t.user_id
    WHERE t.id = token_id AND t.user_id = of_user_id AND t.hash = token_hash;
END $$;

-- Stores an API token, unless the user has `max_tokens` that have not expired; those that have are deleted. Returns whether
-- it was stored. The user's row is locked, so that two requests at once do not exceed the number.
CREATE OR REPLACE FUNCTION create_api_token(
    token_id uuid, of_user_id uuid, name text, scopes text[], token_hash bytea, now_at timestamptz, expires_at timestamptz,
    max_tokens integer
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM users u WHERE u.id = of_user_id FOR NO KEY UPDATE;
    DELETE FROM api_tokens t WHERE t.user_id = of_user_id AND t.expires_at <= now_at;
    IF (SELECT count(*) FROM api_tokens t WHERE t.user_id = of_user_id) >= max_tokens THEN
        RETURN false;
    END IF;
    INSERT INTO api_tokens (id, user_id, name, scopes, hash, created_at, expires_at)
    VALUES (token_id, of_user_id, create_api_token.name, create_api_token.scopes, token_hash, now_at,
            create_api_token.expires_at);
    RETURN true;
END $$;
