-- One-time tokens: how an address is verified, changed and brought back, and how a password is reset.

-- The account that a login names: a username, or an e-mail address. Of the accounts with an address the one that has verified it,
-- and before that the oldest, so that nobody takes a login away from an account by registering its address again.
CREATE OR REPLACE FUNCTION user_of_login(login text) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(
        (SELECT u.id FROM users u WHERE lower(u.username) = lower(login)),
        (SELECT u.id FROM users u WHERE lower(u.email) = lower(login) AND u.email_verified_at IS NOT NULL),
        (SELECT u.id FROM users u WHERE lower(u.email) = lower(login) ORDER BY u.created_at, u.id LIMIT 1));
END $$;

-- The username of another account that has verified this address; null where there is none.
CREATE OR REPLACE FUNCTION known_as(email text, user_id uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT u.username FROM users u
            WHERE lower(u.email) = lower(known_as.email) AND u.email_verified_at IS NOT NULL
              AND u.id <> known_as.user_id);
END $$;

-- Whether mail to this address came back, or its reader called it spam.
CREATE OR REPLACE FUNCTION is_suppressed(email text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM mail_suppressions s WHERE s.email = lower(is_suppressed.email));
END $$;

-- Removes what opens an account beside its password, where it was added at `since` or later. The caller holds the user's row, and
-- ends the sessions and API tokens.
CREATE OR REPLACE FUNCTION remove_credentials(user_id uuid, since timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users u SET totp_secret = NULL, totp_active = false, totp_step = 0, totp_since = NULL
    WHERE u.id = remove_credentials.user_id AND u.totp_secret IS NOT NULL AND coalesce(u.totp_since, 'infinity') >= since;
    IF FOUND THEN
        DELETE FROM backup_codes b WHERE b.user_id = remove_credentials.user_id;
    END IF;
    DELETE FROM passkeys p WHERE p.user_id = remove_credentials.user_id AND p.created_at >= since;
END $$;

-- The profile of a user after a change, with the number of its event.
CREATE OR REPLACE FUNCTION log_profile(user_id uuid, now_at timestamptz) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    account users;
BEGIN
    SELECT * INTO account FROM users u WHERE u.id = log_profile.user_id;
    RETURN me_json(account) || jsonb_build_object('seq', append_profile_event(account, now_at));
END $$;

-- Does what the token of a mail is for. The caller has locked the token. Refusals: `taken`, where another account has verified the
-- address, and `invalid`, where the account has another address by now.
--
-- `restore_*`: the token that goes to the old address when it is changed. Who brings it back ends all that may have been the work
-- of somebody else: the sessions, the password (`locked_hash` is that of no password), later factors and later changes.
CREATE OR REPLACE FUNCTION use_email_token(
    token one_time_tokens, restore_id uuid, restore_hash bytea, restore_until timestamptz, locked_hash text, now_at timestamptz
) RETURNS TABLE (refusal text, purpose text, old_email text, was_verified boolean, profile json,
                 session_ids uuid[], access_hashes bytea[]) LANGUAGE plpgsql AS $$
DECLARE
    account users;
BEGIN
    SELECT * INTO account FROM users u WHERE u.id = token.user_id FOR UPDATE;
    purpose := token.purpose;
    old_email := account.email;
    was_verified := account.email_verified_at IS NOT NULL;
    IF purpose = 'verify_email' AND lower(account.email) <> lower(token.email) THEN
        refusal := 'invalid';
        RETURN NEXT;
        RETURN;
    END IF;
    BEGIN
        UPDATE users u SET email = token.email, email_verified_at = now_at WHERE u.id = account.id;
    EXCEPTION WHEN unique_violation THEN
        refusal := 'taken';
        RETURN NEXT;
        RETURN;
    END;
    DELETE FROM one_time_tokens t
    WHERE t.user_id = account.id
      AND (t.id = token.id OR t.purpose IN ('verify_email', 'change_email')
           OR (t.purpose = 'reset_password' AND token.purpose <> 'verify_email')
           OR (t.purpose = 'restore_email' AND token.purpose = 'restore_email' AND t.created_at >= token.created_at));
    IF purpose = 'change_email' AND was_verified THEN
        INSERT INTO one_time_tokens (id, user_id, purpose, hash, email, created_at, expires_at)
        VALUES (restore_id, account.id, 'restore_email', restore_hash, old_email, now_at, restore_until);
    ELSIF purpose = 'restore_email' THEN
        UPDATE users u SET password_hash = locked_hash WHERE u.id = account.id;
        PERFORM remove_credentials(account.id, token.created_at);
        SELECT * INTO session_ids, access_hashes FROM end_sessions(account.id, NULL, now_at);
    END IF;
    profile := log_profile(account.id, now_at);
    RETURN NEXT;
END $$;

-- By the token of a link. Returns no row where there is none that is good for an address.
CREATE OR REPLACE FUNCTION confirm_email(
    token_hash bytea, restore_id uuid, restore_hash bytea, restore_until timestamptz, locked_hash text, now_at timestamptz
) RETURNS TABLE (refusal text, purpose text, old_email text, was_verified boolean, profile json,
                 session_ids uuid[], access_hashes bytea[]) LANGUAGE plpgsql AS $$
DECLARE
    token one_time_tokens;
BEGIN
    SELECT * INTO token FROM one_time_tokens t
    WHERE t.hash = token_hash AND t.purpose <> 'reset_password' AND t.expires_at > now_at FOR UPDATE;
    IF FOUND THEN
        RETURN QUERY SELECT * FROM use_email_token(token, restore_id, restore_hash, restore_until, locked_hash, now_at);
    END IF;
END $$;

-- By the code of the user's last mail. Returns no row where the code is wrong, which is counted, or may not be tried any more.
CREATE OR REPLACE FUNCTION verify_email(
    user_id uuid, code text, most_tries integer, restore_id uuid, restore_hash bytea, restore_until timestamptz,
    now_at timestamptz
) RETURNS TABLE (refusal text, purpose text, old_email text, was_verified boolean, profile json,
                 session_ids uuid[], access_hashes bytea[]) LANGUAGE plpgsql AS $$
DECLARE
    token one_time_tokens;
BEGIN
    SELECT * INTO token FROM one_time_tokens t
    WHERE t.user_id = verify_email.user_id AND t.purpose IN ('verify_email', 'change_email') AND t.expires_at > now_at
    ORDER BY t.created_at DESC, t.id DESC LIMIT 1 FOR UPDATE;
    IF NOT FOUND OR token.tries >= most_tries THEN
        RETURN;
    ELSIF token.code_hash IS DISTINCT FROM sha256(uuid_send(token.id) || convert_to(code, 'UTF8')) THEN
        UPDATE one_time_tokens t SET tries = t.tries + 1 WHERE t.id = token.id;
        RETURN;
    END IF;
    RETURN QUERY SELECT * FROM use_email_token(token, restore_id, restore_hash, restore_until, NULL, now_at);
END $$;

-- Sets the password that the owner of the mailbox has chosen, and ends all sessions. The mailbox also proves the address: what was
-- added before that may be the work of somebody else who registered it first, and is removed. Returns no row where the token is
-- not good any more.
CREATE OR REPLACE FUNCTION reset_password(token_hash bytea, new_hash text, now_at timestamptz)
RETURNS TABLE (profile json, session_ids uuid[], access_hashes bytea[]) LANGUAGE plpgsql AS $$
DECLARE
    token   one_time_tokens;
    account users;
BEGIN
    SELECT * INTO token FROM one_time_tokens t
    WHERE t.hash = token_hash AND t.purpose = 'reset_password' AND t.expires_at > now_at FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO account FROM users u WHERE u.id = token.user_id FOR UPDATE;
    IF lower(account.email) <> lower(token.email) THEN
        RETURN;
    END IF;
    BEGIN
        UPDATE users u SET password_hash = new_hash, email_verified_at = coalesce(u.email_verified_at, now_at)
        WHERE u.id = account.id;
    EXCEPTION WHEN unique_violation THEN -- the address became another account's
        RETURN;
    END;
    IF account.email_verified_at IS NULL THEN
        PERFORM remove_credentials(account.id, '-infinity');
    END IF;
    DELETE FROM one_time_tokens t WHERE t.user_id = account.id AND t.purpose <> 'restore_email';
    SELECT * INTO session_ids, access_hashes FROM end_sessions(account.id, NULL, now_at);
    profile := log_profile(account.id, now_at);
    RETURN NEXT;
END $$;
