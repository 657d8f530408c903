-- The audit log of accounts: how an entry is chained to the one before it, and how a break in the chain is found.

-- The hash of an entry. Its text is a JSON array as jsonb writes it, so that each content has exactly one text.
CREATE OR REPLACE FUNCTION account_audit_hash(entry account_audit_log) RETURNS bytea LANGUAGE sql STABLE
    RETURN sha256(entry.previous || convert_to(jsonb_build_array(
        entry.number, entry.actor, entry.action, entry.user_id, entry.detail,
        to_char(entry.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'UTF8'));

-- Appends the next entry and returns its number. Appends wait for each other.
CREATE OR REPLACE FUNCTION append_account_audit_entry(
    actor text, action text, user_id uuid, detail jsonb, now_at timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    head  account_audit_head;
    entry account_audit_log;
BEGIN
    SELECT * INTO head FROM account_audit_head h FOR UPDATE;
    entry := ROW(head.number + 1, actor, action, user_id, detail, now_at, head.hash, '');
    entry.hash := account_audit_hash(entry);
    INSERT INTO account_audit_log VALUES (entry.*);
    UPDATE account_audit_head h SET number = entry.number, hash = entry.hash WHERE h.is_only;
    RETURN entry.number;
END $$;

-- The number of the first entry that is missing or was altered; null where the chain is whole. Somebody who rewrites the whole
-- chain with its head is found only by comparing it with a hash that was noted elsewhere.
CREATE OR REPLACE FUNCTION account_audit_fault() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    entry account_audit_log;
    head  account_audit_head;
    last  bytea := '';
    expected bigint := 1;
BEGIN
    FOR entry IN SELECT * FROM account_audit_log a ORDER BY a.number LOOP
        IF entry.number <> expected OR entry.previous <> last OR entry.hash <> account_audit_hash(entry) THEN
            RETURN expected;
        END IF;
        expected := expected + 1;
        last := entry.hash;
    END LOOP;
    SELECT * INTO head FROM account_audit_head h;
    RETURN CASE WHEN (head.number, head.hash) IS DISTINCT FROM (expected - 1, last) THEN expected END;
END $$;
