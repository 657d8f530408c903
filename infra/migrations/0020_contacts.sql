-- Contacts of users, and what users let others do.

-- How `user_id` sees the pair: `requested` (the user has asked the other), `received` (the other has asked), or `contact`. A pair
-- has a row for each of the two, but a request that was declined has only the row of the user who asked.
CREATE TABLE contacts (
    user_id  uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    other_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    state    text NOT NULL CHECK (state IN ('requested', 'received', 'contact')),
    since    timestamptz NOT NULL,
    PRIMARY KEY (user_id, other_id)
);
CREATE INDEX contacts_by_age ON contacts (user_id, state, since DESC, other_id DESC);
CREATE INDEX contacts_of_other ON contacts (other_id);

-- Two users of whom one has blocked the other are no contacts.
CREATE FUNCTION end_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM users u WHERE u.id IN (NEW.user_id, NEW.blocked_id) ORDER BY u.id FOR NO KEY UPDATE;
    DELETE FROM contacts c
    WHERE (c.user_id, c.other_id) IN ((NEW.user_id, NEW.blocked_id), (NEW.blocked_id, NEW.user_id));
    RETURN NULL;
END $$;
CREATE TRIGGER blocks_end_contacts AFTER INSERT ON blocks FOR EACH ROW EXECUTE FUNCTION end_contact();

ALTER TABLE users
    ADD COLUMN messages_from text NOT NULL DEFAULT 'everyone' CHECK (messages_from IN ('everyone', 'contacts', 'nobody')),
    ADD COLUMN groups_from text NOT NULL DEFAULT 'everyone' CHECK (groups_from IN ('everyone', 'contacts', 'nobody')),
    ADD COLUMN receipts boolean NOT NULL DEFAULT true;
