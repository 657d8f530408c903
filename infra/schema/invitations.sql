-- Invitations, each of which admits one new account.

-- Stores an invitation, unless the user has `most` open ones. The user's row is locked, so that several requests at once make no more.
CREATE OR REPLACE FUNCTION create_invitation(
    id uuid, created_by uuid, hash bytea, note text, now_at timestamptz, expires_at timestamptz, most integer
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    open integer;
BEGIN
    PERFORM FROM users u WHERE u.id = created_by FOR NO KEY UPDATE;
    SELECT count(*) INTO open FROM invitations i
    WHERE i.created_by = create_invitation.created_by AND i.used_at IS NULL AND i.expires_at > now_at;
    IF open >= most THEN
        RETURN false;
    END IF;
    INSERT INTO invitations (id, created_by, hash, note, created_at, expires_at)
    VALUES (create_invitation.id, create_invitation.created_by, create_invitation.hash, create_invitation.note, now_at,
            create_invitation.expires_at);
    RETURN true;
END $$;
