-- Verified e-mail addresses, one-time tokens, invitations, and the audit log of what operators do with accounts.

-- Several accounts may name the same address; one of them can verify it, and it is theirs from then on. `approved_at` is null while
-- an account waits for its approval. `totp_since`: when the second factor was activated.
ALTER TABLE users
    ADD COLUMN email_verified_at timestamptz,
    ADD COLUMN approved_at       timestamptz DEFAULT now(),
    ADD COLUMN totp_since        timestamptz;
DROP INDEX users_email_key;
CREATE UNIQUE INDEX users_email_key ON users (lower(email)) WHERE email_verified_at IS NOT NULL;
CREATE INDEX users_by_email ON users (lower(email), created_at, id);
CREATE INDEX users_waiting ON users (created_at, id) WHERE approved_at IS NULL;

-- What a mail carries to its reader. The token of its link has 256 random bits, so a fast hash is enough; a code of six digits is
-- good for few tries and minutes. A used token is deleted. `email`: the address that it proves, or that `restore_email` brings back.
-- Without a user it is good for nothing: a request about an unknown account writes as much as any other.
CREATE TABLE one_time_tokens (
    id         uuid PRIMARY KEY,
    user_id    uuid REFERENCES users ON DELETE CASCADE,
    purpose    text NOT NULL CHECK (purpose IN ('verify_email', 'change_email', 'restore_email', 'reset_password')),
    hash       bytea NOT NULL, -- SHA-256
    code_hash  bytea,          -- SHA-256 of the id and the code
    tries      smallint NOT NULL DEFAULT 0,
    email      text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON COLUMN one_time_tokens.hash IS 'secret';
COMMENT ON COLUMN one_time_tokens.code_hash IS 'secret';
CREATE UNIQUE INDEX one_time_tokens_by_hash ON one_time_tokens (hash);
CREATE INDEX one_time_tokens_of_user ON one_time_tokens (user_id, purpose);
CREATE INDEX one_time_tokens_by_end ON one_time_tokens (expires_at);

-- Each admits one account. `created_by` is null where an operator made it.
CREATE TABLE invitations (
    id         uuid PRIMARY KEY,
    created_by uuid REFERENCES users ON DELETE CASCADE,
    hash       bytea NOT NULL, -- SHA-256
    note       text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_by    uuid REFERENCES users ON DELETE SET NULL,
    used_at    timestamptz
);
COMMENT ON COLUMN invitations.hash IS 'secret';
CREATE UNIQUE INDEX invitations_by_hash ON invitations (hash);
CREATE INDEX invitations_of_user ON invitations (created_by, id);
CREATE INDEX invitations_used_by ON invitations (used_by);

-- What operators do with accounts. The entries are numbered from 1 without a gap, and `previous` and `hash` chain them, as in
-- audit_log. Accounts may be erased: an entry has only their id.
CREATE TABLE account_audit_log (
    number     bigint PRIMARY KEY,
    actor      text NOT NULL,
    action     text NOT NULL,
    user_id    uuid,
    detail     jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    previous   bytea NOT NULL,
    hash       bytea NOT NULL
);

-- The end of the chain: without it, a chain whose last rows were deleted would still look complete.
CREATE TABLE account_audit_head (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    number  bigint NOT NULL,
    hash    bytea NOT NULL
);
INSERT INTO account_audit_head (number, hash) VALUES (0, '');

CREATE TRIGGER account_audit_log_is_append_only BEFORE UPDATE OR DELETE ON account_audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_audit_log_is_never_emptied BEFORE TRUNCATE ON account_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_audit_head_stays BEFORE DELETE ON account_audit_head FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_audit_head_is_never_emptied BEFORE TRUNCATE ON account_audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$
DECLARE
    role name;
BEGIN
    FOR role IN
        SELECT DISTINCT grantee::regrole::text
        FROM pg_class, aclexplode(relacl)
        WHERE oid = 'account_audit_log'::regclass AND grantee NOT IN (0, relowner)
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON account_audit_log FROM %s', role);
        EXECUTE format('REVOKE INSERT, DELETE, TRUNCATE ON account_audit_head FROM %s', role);
    END LOOP;
END $$;
