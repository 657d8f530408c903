-- Usernames that were changed stay with their user for a while, and the status that a user sets.

CREATE TABLE former_usernames (
    name       text PRIMARY KEY, -- in lower case
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    kept_until timestamptz NOT NULL
);
CREATE INDEX former_usernames_of_user ON former_usernames (user_id);
CREATE INDEX former_usernames_by_age ON former_usernames (kept_until);

-- Runs after the row is in users_username_key, where a change that gives a name away holds back the next one. Each
-- statement here has a snapshot of its own, so it sees the name that was kept meanwhile.
CREATE FUNCTION keep_former_username() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM former_usernames f
    WHERE f.name = lower(NEW.username) AND (f.user_id = NEW.id OR f.kept_until <= now());
    IF EXISTS (SELECT FROM former_usernames f WHERE f.name = lower(NEW.username)) THEN
        RAISE unique_violation USING MESSAGE = 'the username is kept for another user', CONSTRAINT = 'users_username_key';
    END IF;
    IF TG_OP = 'UPDATE' AND lower(OLD.username) <> lower(NEW.username) THEN
        INSERT INTO former_usernames (name, user_id, kept_until)
        VALUES (lower(OLD.username), OLD.id, now() + interval '90 days');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER users_named AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION keep_former_username();
CREATE TRIGGER users_renamed AFTER UPDATE OF username ON users FOR EACH ROW
    WHEN (OLD.username IS DISTINCT FROM NEW.username) EXECUTE FUNCTION keep_former_username();

-- {"text", "emoji", "until"}, the last two of which may be null.
ALTER TABLE users ADD COLUMN status jsonb;
