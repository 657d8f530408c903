-- Moderation: what is reported and what was done about it, appeals, filters, and a log that shows when it was changed.

-- Numbered from 1 in each forum without a gap. `previous` and `hash` chain the rows; the actor is null where a filter did it.
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

-- The end of each forum's chain: without it, whoever cuts off the last rows leaves a chain that is whole.
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

-- Whoever the owner lets write here by default (the functions' role) may add to the log and read it.
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

-- A row's text is a JSON array as jsonb writes it: one spelling for one content, wherever the parts end.
CREATE FUNCTION audit_hash(entry audit_log) RETURNS bytea LANGUAGE sql STABLE
    RETURN sha256(entry.previous || convert_to(jsonb_build_array(
        entry.forum_id, entry.number, entry.actor_id, entry.action, entry.target_kind, entry.target_id, entry.detail,
        to_char(entry.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'UTF8'));

-- The next entry of a forum, whose stream the caller has locked; its number.
CREATE FUNCTION append_audit(
    place uuid, actor uuid, action text, kind text, target uuid, detail jsonb, moment timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    head  audit_heads;
    entry audit_log;
BEGIN
    INSERT INTO audit_heads VALUES (place, 0, '') ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM audit_heads WHERE forum_id = place FOR UPDATE;
    entry := ROW(place, head.number + 1, actor, action, kind, target, detail, moment, head.hash, '');
    entry.hash := audit_hash(entry);
    INSERT INTO audit_log VALUES (entry.*);
    UPDATE audit_heads SET number = entry.number, hash = entry.hash WHERE forum_id = place;
    RETURN entry.number;
END $$;

-- The first bad row of each chain, of one forum or of all: one that is missing, that was put in, or that was altered. A row
-- is altered where it does not have its own hash, or where what follows it (the next row; at the end, the head) does not go
-- on from that hash, so that whoever changes a row and its hash is found at that row. The one that follows must itself be
-- as it was for that; where it is not, it is the bad one, unless it goes on from the row before this one: then this one was
-- put in between. Whoever writes a whole chain anew, its head too, is found only by who had noted the last hash elsewhere.
CREATE FUNCTION audit_faults(only_one uuid) RETURNS TABLE (forum_id uuid, number bigint, fault text) LANGUAGE sql STABLE AS $$
    WITH hashed AS (
        SELECT a.forum_id, a.number, a.previous, a.hash, a.hash IS DISTINCT FROM audit_hash(a) AS is_altered,
               h.number AS last, h.hash AS last_hash
        FROM audit_log a LEFT JOIN audit_heads h ON h.forum_id = a.forum_id
        WHERE only_one IS NULL OR a.forum_id = only_one
    ), linked AS (
        SELECT *, lag(h.number, 1, 0::bigint) OVER chain AS before, lead(h.previous) OVER chain AS next_previous,
               CASE WHEN h.number = h.last THEN h.last_hash
                    WHEN lead(h.number) OVER chain = h.number + 1 THEN lead(h.previous) OVER chain
                    ELSE h.hash END = h.hash AS goes_on
        FROM hashed h WINDOW chain AS (PARTITION BY h.forum_id ORDER BY h.number)
    ), judged AS (
        SELECT *, coalesce(lead(NOT l.is_altered AND l.goes_on) OVER chain OR l.next_previous = l.previous, true)
                  OR l.number = l.last AS is_to_blame
        FROM linked l WINDOW chain AS (PARTITION BY l.forum_id ORDER BY l.number)
    ), found AS (
        SELECT j.forum_id, CASE WHEN j.number > j.before + 1 THEN j.before + 1 ELSE j.number END AS number,
               CASE WHEN j.number > j.before + 1 THEN 'missing'
                    WHEN j.last IS NULL OR j.number NOT BETWEEN 1 AND j.last THEN 'inserted'
                    WHEN j.is_altered OR (j.number = 1 AND j.previous <> '') OR (NOT j.goes_on AND j.is_to_blame)
                    THEN 'altered' END AS fault
        FROM judged j
        UNION ALL
        SELECT h.forum_id, coalesce(latest.number, 0) + 1, 'missing'
        FROM audit_heads h
        LEFT JOIN LATERAL (SELECT max(a.number) AS number FROM audit_log a WHERE a.forum_id = h.forum_id) AS latest ON true
        WHERE (only_one IS NULL OR h.forum_id = only_one) AND h.number > coalesce(latest.number, 0)
    )
    SELECT DISTINCT ON (found.forum_id) found.forum_id, found.number, found.fault
    FROM found
    WHERE found.fault IS NOT NULL
    ORDER BY found.forum_id, found.number
$$;

-- How often a person's reports were found right. What a new report weighs: 100 at first, up to 200 for those who are
-- always right, down to 10.
CREATE TABLE reporter_records (
    user_id   uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    upheld    integer NOT NULL DEFAULT 0,
    dismissed integer NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE FUNCTION report_weight(reporter uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT greatest(10, 200 * (upheld + 1) / (upheld + dismissed + 2))
                     FROM reporter_records WHERE user_id = reporter), 100)
$$;

-- One open case a target. `priority`: the sum of its reports' weights, kept as they come.
CREATE TABLE report_cases (
    id            uuid PRIMARY KEY,
    forum_id      uuid NOT NULL REFERENCES forums,
    target_kind   text NOT NULL CHECK (target_kind IN ('post', 'comment')),
    target_id     uuid NOT NULL,
    priority      integer NOT NULL,
    report_count  integer NOT NULL,
    created_at    timestamptz NOT NULL,
    claimed_by    uuid,
    claimed_until timestamptz,
    resolved_at   timestamptz,
    resolved_by   uuid,
    action        text,
    note          text
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX report_cases_open ON report_cases (target_id) WHERE resolved_at IS NULL;
CREATE INDEX report_cases_by_priority ON report_cases (forum_id, priority DESC, id) WHERE resolved_at IS NULL;
CREATE INDEX report_cases_by_resolution ON report_cases (forum_id, resolved_at DESC, id DESC) WHERE resolved_at IS NOT NULL;

-- The reporter is null where a filter reports. The same person twice on one target is one report.
CREATE TABLE reports (
    target_id   uuid NOT NULL,
    reporter_id uuid,
    case_id     uuid NOT NULL REFERENCES report_cases DEFERRABLE INITIALLY DEFERRED,
    reason      text NOT NULL,
    note        text NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT reports_once UNIQUE NULLS NOT DISTINCT (target_id, reporter_id)
);
CREATE INDEX reports_by_case ON reports (case_id);

-- Files a report in the target's open case, or opens one; whether it is new. A case that is resolved in this very moment is
-- waited for, and then there is another.
CREATE FUNCTION file_report(
    place uuid, kind text, target uuid, reporter uuid, why text, remark text, new_id uuid, moment timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    weight integer := report_weight(reporter);
    opened uuid;
BEGIN
    INSERT INTO reports VALUES (target, reporter, new_id, why, remark, moment) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO report_cases AS c (id, forum_id, target_kind, target_id, priority, report_count, created_at)
    VALUES (new_id, place, kind, target, weight, 1, moment)
    ON CONFLICT (target_id) WHERE resolved_at IS NULL
    DO UPDATE SET priority = c.priority + weight, report_count = c.report_count + 1
    RETURNING id INTO opened;
    IF opened <> new_id THEN
        UPDATE reports SET case_id = opened WHERE target_id = target AND reporter_id IS NOT DISTINCT FROM reporter;
    END IF;
    RETURN true;
END $$;

-- A removal that holds, or one that was lifted; the thing itself has removed_at.
CREATE TABLE removals (
    id          uuid PRIMARY KEY,
    forum_id    uuid NOT NULL REFERENCES forums,
    target_kind text NOT NULL CHECK (target_kind IN ('post', 'comment')),
    target_id   uuid NOT NULL,
    author_id   uuid NOT NULL,
    removed_by  uuid NOT NULL,
    reason      text NOT NULL,
    created_at  timestamptz NOT NULL,
    lifted_at   timestamptz
);
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

-- `subject_id`: of the ban or of the removal, once each. `acted_by`: the moderator who did it.
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

-- Words are folded as the text is before it is searched; one that ends with * stands for all that begin so.
CREATE TABLE forum_filters (
    forum_id   uuid PRIMARY KEY REFERENCES forums ON DELETE CASCADE,
    words      text[] NOT NULL,
    domains    text[] NOT NULL,
    action     text NOT NULL CHECK (action IN ('reject', 'report')),
    updated_by uuid NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE FUNCTION person_json(person uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('id', id, 'username', username, 'display_name', display_name)
            FROM users WHERE id = person);
END $$;

-- The reported thing as a moderator sees it: removed or not, with the beginning of its text; what its author deleted has none.
CREATE FUNCTION reported_json(about text, target uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF about = 'post' THEN
        RETURN (SELECT json_build_object(
                    'kind', about, 'id', p.id, 'post_id', p.id, 'author', person_json(p.author_id),
                    'title', CASE WHEN p.deleted_at IS NULL THEN p.title END,
                    'text', CASE WHEN p.deleted_at IS NULL THEN left(coalesce(p.url || ' ', '') || p.body, 500) END,
                    'created_at', rfc3339(p.created_at), 'deleted_at', rfc3339(p.deleted_at),
                    'removed_at', rfc3339(p.removed_at))
                FROM posts p WHERE p.id = target);
    END IF;
    RETURN (SELECT json_build_object(
                'kind', about, 'id', c.id, 'post_id', c.post_id, 'author', person_json(c.author_id), 'title', NULL,
                'text', CASE WHEN c.deleted_at IS NULL THEN left(c.body, 500) END,
                'created_at', rfc3339(c.created_at), 'deleted_at', rfc3339(c.deleted_at),
                'removed_at', rfc3339(c.removed_at))
            FROM comments c WHERE c.id = target);
END $$;

-- Who reported is not said: the moderators are to look at the thing.
CREATE FUNCTION case_json(c report_cases, moment timestamptz) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    is_claimed boolean := c.resolved_at IS NULL AND coalesce(c.claimed_until > moment, false);
BEGIN
    RETURN json_build_object(
        'id', c.id, 'forum', (SELECT json_build_object('id', f.id, 'slug', f.slug) FROM forums f WHERE f.id = c.forum_id),
        'target', reported_json(c.target_kind, c.target_id),
        'state', CASE WHEN c.resolved_at IS NOT NULL THEN 'resolved' WHEN is_claimed THEN 'claimed' ELSE 'open' END,
        'priority', c.priority, 'report_count', c.report_count,
        'reasons', (SELECT json_object_agg(reason, number ORDER BY number DESC, reason)
                    FROM (SELECT reason, count(*) AS number FROM reports r WHERE r.case_id = c.id GROUP BY reason) AS counted),
        'notes', (SELECT coalesce(json_agg(note ORDER BY created_at DESC), '[]')
                  FROM (SELECT note, created_at FROM reports r WHERE r.case_id = c.id AND note <> ''
                        ORDER BY created_at DESC LIMIT 5) AS latest),
        'created_at', rfc3339(c.created_at),
        'claimed_by', CASE WHEN is_claimed THEN person_json(c.claimed_by) END,
        'claimed_until', CASE WHEN is_claimed THEN rfc3339(c.claimed_until) END,
        'resolved_at', rfc3339(c.resolved_at), 'resolved_by', person_json(c.resolved_by), 'action', c.action, 'note', c.note);
END $$;

CREATE FUNCTION ban_json(b forum_bans) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object(
        'user', person_json(b.user_id), 'until', CASE WHEN isfinite(b.until) THEN rfc3339(b.until) END, 'shadow', b.shadow,
        'reason', b.reason, 'created_by', person_json(b.created_by), 'created_at', rfc3339(b.created_at));
END $$;

CREATE FUNCTION warning_json(w warnings) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object(
        'id', w.id, 'forum', (SELECT json_build_object('id', f.id, 'slug', f.slug) FROM forums f WHERE f.id = w.forum_id),
        'user', person_json(w.user_id), 'reason', w.reason,
        'target', CASE WHEN w.target_id IS NOT NULL THEN json_build_object('kind', w.target_kind, 'id', w.target_id) END,
        'created_at', rfc3339(w.created_at));
END $$;

-- For whoever appealed and for the moderators: who acted is not said.
CREATE FUNCTION appeal_json(a appeals) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    lifted removals;
BEGIN
    SELECT * INTO lifted FROM removals r WHERE a.subject_kind = 'removal' AND r.id = a.subject_id;
    RETURN json_build_object(
        'id', a.id, 'forum', (SELECT json_build_object('id', f.id, 'slug', f.slug) FROM forums f WHERE f.id = a.forum_id),
        'user', person_json(a.user_id),
        'against', json_build_object('kind', coalesce(lifted.target_kind, 'forum'), 'id', coalesce(lifted.target_id, a.forum_id)),
        'thing', reported_json(lifted.target_kind, lifted.target_id),
        'reason', coalesce(lifted.reason, (SELECT b.reason FROM forum_bans b WHERE b.id = a.subject_id), ''),
        'content', a.content, 'state', a.state, 'note', a.note, 'created_at', rfc3339(a.created_at),
        'decided_at', rfc3339(a.decided_at));
END $$;

-- Once; whether it was this time. All who reported are then known to have been right, or not.
CREATE FUNCTION resolve_case(wanted uuid, moderator uuid, decision text, remark text, moment timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE report_cases
    SET resolved_at = moment, resolved_by = moderator, action = decision, note = remark
    WHERE id = wanted AND resolved_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO reporter_records AS r (user_id, upheld, dismissed)
    SELECT reporter_id, (decision <> 'dismiss')::integer, (decision = 'dismiss')::integer
    FROM reports WHERE case_id = wanted AND reporter_id IS NOT NULL ORDER BY reporter_id
    ON CONFLICT (user_id) DO UPDATE SET upheld = r.upheld + excluded.upheld, dismissed = r.dismissed + excluded.dismissed;
    RETURN true;
END $$;

-- Whoever calls holds the streams of the forum and of the post. A comment keeps its place among the others; its text leaves
-- the log, and is told anew when it is shown again. Of a post, remove_post() sees to that.
CREATE FUNCTION enter_removal(
    new_id uuid, place uuid, kind text, target uuid, author uuid, moderator uuid, why text, moment timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (id, forum_id, target_kind, target_id, author_id, removed_by, reason, created_at)
    VALUES (new_id, place, kind, target, author, moderator, why, moment);
    PERFORM resolve_case(id, moderator, 'remove', why, moment) FROM report_cases
    WHERE target_id = target AND resolved_at IS NULL;
    IF kind = 'comment' THEN
        UPDATE comments SET removed_at = moment WHERE id = target;
        UPDATE events SET payload = jsonb_set(payload, '{comment}', (payload -> 'comment') || jsonb_build_object(
            'body', '', 'body_html', '', 'removed_at', rfc3339(moment)))
        WHERE payload -> 'comment' ->> 'id' = target::text AND type IN ('comment.created', 'comment.updated');
    END IF;
END $$;

CREATE FUNCTION lift_removal(kind text, target uuid, moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE removals SET lifted_at = moment WHERE target_id = target AND lifted_at IS NULL;
    IF kind = 'comment' THEN
        UPDATE comments SET removed_at = NULL WHERE id = target;
    END IF;
END $$;

-- A post goes to another forum: what is not yet decided about it and its comments is for the moderators there.
CREATE FUNCTION moderation_follows(moved uuid, source uuid, place uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE report_cases r SET forum_id = place
    WHERE r.forum_id = source AND r.resolved_at IS NULL
      AND (r.target_id = moved OR EXISTS (SELECT FROM comments c WHERE c.id = r.target_id AND c.post_id = moved));
    WITH lifted AS (
        UPDATE removals r SET forum_id = place FROM comments c
        WHERE r.forum_id = source AND r.lifted_at IS NULL AND c.id = r.target_id AND c.post_id = moved
        RETURNING r.id
    )
    UPDATE appeals a SET forum_id = place FROM lifted WHERE a.subject_id = lifted.id AND a.state = 'open';
END $$;
