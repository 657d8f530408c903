-- Passkeys: how they are added and shown.

CREATE OR REPLACE FUNCTION passkey_json(k passkeys) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'id', k.id, 'name', k.name, 'second_factor', k.second_factor, 'synced', k.synced,
        'created_at', rfc3339(k.created_at), 'last_used_at', rfc3339(k.last_used_at))
$$;

-- Stores a passkey, unless the user has `max_passkeys`. Returns whether it was stored. The user's row is locked, so that two
-- requests at once do not exceed the number.
CREATE OR REPLACE FUNCTION create_passkey(passkey passkeys, max_passkeys integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM users u WHERE u.id = passkey.user_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM passkeys k WHERE k.user_id = passkey.user_id) >= max_passkeys THEN
        RETURN false;
    END IF;
    INSERT INTO passkeys SELECT passkey.*;
    RETURN true;
END $$;
