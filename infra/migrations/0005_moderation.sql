-- Moderation of forums: the audit log, reports and their cases, removals, warnings, appeals and filters.

-- The entries of a forum are numbered from 1 without a gap. `previous` and `hash` chain them, so that a change is detected.
-- The actor is null where a filter acted.
CREATE TABLE audit_log (
    forum_id    uuid NOT NULL REFERENCES forums,
    number      bigint NOT NULL,
    actor_id    uuid,
    action      text NOT NULL,
    target_kind text,
    target_id   uuid,
    detail      jsonb NOT NULL,
    created_at  timestamptz NOT NULL,
    previous    bytea NOT NULL,
    hash        bytea NOT NULL,
    PRIMARY KEY (forum_id, number)
);

-- The end of each forum's chain. Without it, a chain whose last rows were deleted would still look complete.
CREATE TABLE audit_heads (
    forum_id uuid PRIMARY KEY REFERENCES forums,
    number   bigint NOT NULL,
    hash     bytea NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_is_never_emptied BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_heads_stay BEFORE DELETE ON audit_heads FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_heads_are_never_emptied BEFORE TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Every role that may write new tables by default (the functions' role) may only read the log and add to it.
DO $$
DECLARE
    role name;
BEGIN
    FOR role IN
        SELECT DISTINCT grantee::regrole::text
        FROM pg_class, aclexplode(relacl)
        WHERE oid = 'audit_log'::regclass AND grantee NOT IN (0, relowner)
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM %s', role);
        EXECUTE format('REVOKE DELETE, TRUNCATE ON audit_heads FROM %s', role);
    END LOOP;
END $$;

-- How many of a user's reports were upheld and how many dismissed: the weight of the next one is computed from it.
CREATE TABLE reporter_records (
    user_id   uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    upheld    integer NOT NULL DEFAULT 0,
    dismissed integer NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

-- A target has at most one open case. `priority` is the sum of the weights of its reports, kept as they come. What reporters who
-- are banned have in it is taken off when it is read: case_priority(). `has_banned_reporter`: one of them has or had a ban.
CREATE TABLE report_cases (
    id            uuid PRIMARY KEY,
    forum_id      uuid NOT NULL REFERENCES forums,
    target_kind   text NOT NULL CHECK (target_kind IN ('post', 'comment')),
    target_id     uuid NOT NULL,
    priority      integer NOT NULL,
    report_count  integer NOT NULL,
    has_banned_reporter boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL,
    claimed_by    uuid,
    claimed_until timestamptz,
    resolved_at   timestamptz,
    resolved_by   uuid,
    action        text,
    note          text
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX report_cases_open ON report_cases (target_id) WHERE resolved_at IS NULL;
CREATE INDEX report_cases_by_priority ON report_cases (forum_id, priority DESC, id)
    WHERE resolved_at IS NULL AND NOT has_banned_reporter;
CREATE INDEX report_cases_of_banned ON report_cases (forum_id) WHERE resolved_at IS NULL AND has_banned_reporter;
CREATE INDEX report_cases_by_resolution ON report_cases (forum_id, resolved_at DESC, id DESC) WHERE resolved_at IS NOT NULL;

-- What a post or comment said when it was reported, whatever its author does with it afterwards: the versions that were
-- reported. It is deleted some time after the case was resolved (`resolved_at`).
CREATE TABLE report_evidence (
    case_id     uuid NOT NULL REFERENCES report_cases,
    version     integer NOT NULL,
    title       text,
    url         text,
    body        text NOT NULL,
    body_html   text NOT NULL,
    reported_at timestamptz NOT NULL,
    resolved_at timestamptz,
    PRIMARY KEY (case_id, version)
);
CREATE INDEX report_evidence_by_resolution ON report_evidence (resolved_at) WHERE resolved_at IS NOT NULL;

-- The reporter is null where a filter reported. A user has at most one report of a target, a filter one in each case.
CREATE TABLE reports (
    target_id   uuid NOT NULL,
    reporter_id uuid,
    case_id     uuid NOT NULL REFERENCES report_cases DEFERRABLE INITIALLY DEFERRED,
    weight      integer NOT NULL,
    reason      text NOT NULL,
    note        text NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT reports_once UNIQUE (target_id, reporter_id)
);
CREATE INDEX reports_by_case ON reports (case_id);
CREATE INDEX reports_by_reporter ON reports (reporter_id, case_id);

-- It runs after the check of the foreign key has waited for a report that the user is filing: file_report() locks the user.
CREATE FUNCTION mark_cases_of_banned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE report_cases c SET has_banned_reporter = true
    FROM reports r
    WHERE r.reporter_id = NEW.user_id AND c.id = r.case_id AND c.forum_id = NEW.forum_id AND c.resolved_at IS NULL
      AND NOT c.has_banned_reporter;
    RETURN NULL;
END $$;
CREATE TRIGGER mark_cases AFTER INSERT OR UPDATE ON forum_bans FOR EACH ROW EXECUTE FUNCTION mark_cases_of_banned();

-- A removal is in force until `lifted_at`. One `with_ban` was made with the author's ban, and can be lifted with it. The post or the comment itself has `removed_at`.
CREATE TABLE removals (
    id          uuid PRIMARY KEY,
    forum_id    uuid NOT NULL REFERENCES forums,
    target_kind text NOT NULL CHECK (target_kind IN ('post', 'comment')),
    target_id   uuid NOT NULL,
    author_id   uuid NOT NULL,
    removed_by  uuid NOT NULL,
    reason      text NOT NULL,
    with_ban    boolean NOT NULL,
    created_at  timestamptz NOT NULL,
    lifted_at   timestamptz
);
CREATE INDEX removals_with_bans ON removals (forum_id, author_id, target_id) WHERE lifted_at IS NULL AND with_ban;
CREATE UNIQUE INDEX removals_in_force ON removals (target_id) WHERE lifted_at IS NULL;
CREATE INDEX removals_by_forum ON removals (forum_id) WHERE lifted_at IS NULL;

CREATE TABLE warnings (
    id          uuid PRIMARY KEY,
    forum_id    uuid NOT NULL REFERENCES forums,
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    warned_by   uuid NOT NULL,
    reason      text NOT NULL,
    target_kind text,
    target_id   uuid,
    created_at  timestamptz NOT NULL
);
CREATE INDEX warnings_by_person ON warnings (forum_id, user_id, id);

-- `subject_id` is the id of the ban or the removal; each can be appealed once. `acted_by` is the moderator who imposed it.
CREATE TABLE appeals (
    id           uuid PRIMARY KEY,
    forum_id     uuid NOT NULL REFERENCES forums,
    subject_kind text NOT NULL CHECK (subject_kind IN ('ban', 'removal')),
    subject_id   uuid NOT NULL,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    acted_by     uuid NOT NULL,
    content      text NOT NULL,
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'rejected')),
    note         text,
    created_at   timestamptz NOT NULL,
    decided_by   uuid,
    decided_at   timestamptz,
    CONSTRAINT appeals_once UNIQUE (subject_id)
);
CREATE INDEX appeals_by_state ON appeals (forum_id, state, id);

-- A word is stored folded, as the text is before the search. A word that ends with * also matches longer words that begin
-- with it.
CREATE TABLE forum_filters (
    forum_id   uuid PRIMARY KEY REFERENCES forums ON DELETE CASCADE,
    words      text[] NOT NULL,
    domains    text[] NOT NULL,
    action     text NOT NULL CHECK (action IN ('reject', 'report', 'hold')),
    updated_by uuid NOT NULL,
    updated_at timestamptz NOT NULL
);
