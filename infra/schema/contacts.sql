-- Contacts of users, and what users let others do.

-- Asks `asked_id`, or accepts what they have asked. `refusal`: why nothing was changed, or null. `logged`: the events.
--
-- Both rows of users are locked, the lesser id first, and everything is read after that: of two users who ask each other at
-- once, the second accepts.
CREATE OR REPLACE FUNCTION put_contact(
    asking_id uuid, asked_id uuid, requests_at_most integer, now_at timestamptz, OUT refusal text, OUT state text, OUT logged jsonb[]
) LANGUAGE plpgsql AS $$
DECLARE
    mine   text;
    theirs text;
BEGIN
    PERFORM FROM users u WHERE u.id IN (asking_id, asked_id) ORDER BY u.id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM users u WHERE u.id = asked_id) THEN
        refusal := 'user_not_found';
        RETURN;
    END IF;
    IF is_block_between(asking_id, asked_id) THEN
        refusal := 'blocked';
        RETURN;
    END IF;
    mine := (SELECT c.state FROM contacts c WHERE c.user_id = asking_id AND c.other_id = asked_id);
    theirs := (SELECT c.state FROM contacts c WHERE c.user_id = asked_id AND c.other_id = asking_id);
    IF mine IN ('contact', 'requested') THEN
        state := mine;
        RETURN;
    END IF;
    IF theirs = 'requested' THEN
        state := 'contact';
        theirs := 'contact';
    ELSIF (SELECT count(*) FROM contacts c WHERE c.user_id = asking_id AND c.state = 'requested') >= requests_at_most THEN
        refusal := 'too_many_contact_requests';
        RETURN;
    ELSE
        state := 'requested';
        theirs := 'received';
    END IF;
    INSERT INTO contacts AS c (user_id, other_id, state, since)
    VALUES (asking_id, asked_id, put_contact.state, now_at), (asked_id, asking_id, theirs, now_at)
    ON CONFLICT (user_id, other_id) DO UPDATE SET state = excluded.state, since = excluded.since;
    logged := log_contacts(asking_id, asked_id, now_at, asking_id, asked_id);
END $$;

-- Ends a contact, withdraws a request, or declines one: then the user who asked sees no change. Null if there is no such user.
CREATE OR REPLACE FUNCTION remove_contact(ending_id uuid, ended_id uuid, now_at timestamptz) RETURNS jsonb[] LANGUAGE plpgsql AS $$
DECLARE
    mine text;
BEGIN
    PERFORM FROM users u WHERE u.id IN (ending_id, ended_id) ORDER BY u.id FOR NO KEY UPDATE;
    DELETE FROM contacts c WHERE c.user_id = ending_id AND c.other_id = ended_id RETURNING c.state INTO mine;
    IF mine IS NULL THEN
        RETURN CASE WHEN EXISTS (SELECT FROM users u WHERE u.id = ended_id) THEN '{}'::jsonb[] END;
    END IF;
    IF mine = 'received' THEN
        RETURN log_contacts(ending_id, ended_id, now_at, ending_id);
    END IF;
    DELETE FROM contacts c WHERE c.user_id = ended_id AND c.other_id = ending_id;
    RETURN log_contacts(ending_id, ended_id, now_at, ending_id, ended_id);
END $$;

-- Logs `contact.changed` for these users of the pair, the lesser id first, with how each sees it now.
CREATE OR REPLACE FUNCTION log_contacts(one_id uuid, other_id uuid, now_at timestamptz, VARIADIC user_ids uuid[]) RETURNS jsonb[]
LANGUAGE plpgsql AS $$
DECLARE
    each_id uuid;
    peer_id uuid;
    logged  jsonb[] := '{}';
BEGIN
    FOR each_id IN SELECT id FROM unnest(user_ids) AS id ORDER BY id LOOP
        peer_id := CASE each_id WHEN one_id THEN other_id ELSE one_id END;
        logged := logged || (log_event('user', each_id, 'contact.changed', jsonb_build_object(
            'user_id', peer_id,
            'state', (SELECT c.state FROM contacts c WHERE c.user_id = each_id AND c.other_id = peer_id)), now_at)
            || jsonb_build_object('audience', ARRAY[each_id]));
    END LOOP;
    RETURN logged;
END $$;

-- Whether a user lets another begin a direct conversation with them, or add them to a group.
CREATE OR REPLACE FUNCTION takes_invitation(invited_id uuid, inviting_id uuid, to_group boolean) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    allowed text := (SELECT CASE WHEN to_group THEN u.groups_from ELSE u.messages_from END FROM users u WHERE u.id = invited_id);
BEGIN
    RETURN CASE allowed WHEN 'everyone' THEN true
                        WHEN 'contacts' THEN EXISTS (
                            SELECT FROM contacts c
                            WHERE c.user_id = invited_id AND c.other_id = inviting_id AND c.state = 'contact')
                        ELSE false END OR invited_id = inviting_id;
END $$;
