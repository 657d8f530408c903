-- Reports and the cases that collect them.

-- Keeps the target of a case as it is now, if this version of it is not kept yet and its author has not deleted it.
CREATE OR REPLACE FUNCTION keep_evidence(report_case report_cases, now_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF report_case.target_kind = 'post' THEN
        INSERT INTO report_evidence (case_id, version, title, url, body, body_html, reported_at)
        SELECT report_case.id, p.version, p.title, p.url, p.body, p.body_html, now_at
        FROM posts p WHERE p.id = report_case.target_id AND p.deleted_at IS NULL
        ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO report_evidence (case_id, version, body, body_html, reported_at)
        SELECT report_case.id, c.version, c.body, c.body_html, now_at
        FROM comments c WHERE c.id = report_case.target_id AND c.deleted_at IS NULL
        ON CONFLICT DO NOTHING;
    END IF;
END $$;

-- Files a report in the open case of the target, or opens a case with the id `new_case_id`. Returns whether the report is
-- new; if it is not, the open case keeps what the target says now. If the case is being resolved at the same time, this waits
-- for it and then opens another one.
CREATE OR REPLACE FUNCTION file_report(
    forum_id uuid, target_kind text, target_id uuid, reporter_id uuid, weight integer, reason text, note text,
    new_case_id uuid, now_at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_column -- because of ON CONFLICT (target_id)
DECLARE
    open_case report_cases;
BEGIN
    SELECT * INTO open_case FROM report_cases c WHERE c.target_id = file_report.target_id AND c.resolved_at IS NULL;
    IF open_case.id IS NOT NULL AND EXISTS (
            SELECT FROM reports r WHERE r.case_id = open_case.id AND r.reporter_id IS NOT DISTINCT FROM file_report.reporter_id) THEN
        PERFORM keep_evidence(open_case, now_at);
        RETURN false;
    END IF;
    PERFORM FROM users u WHERE u.id = file_report.reporter_id FOR UPDATE; -- a ban waits, see mark_cases_of_banned()
    INSERT INTO reports (target_id, reporter_id, case_id, weight, reason, note, created_at)
    VALUES (file_report.target_id, file_report.reporter_id, new_case_id, weight, file_report.reason, file_report.note, now_at)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO report_cases AS c (id, forum_id, target_kind, target_id, priority, report_count, has_banned_reporter,
                                   created_at)
    VALUES (new_case_id, file_report.forum_id, file_report.target_kind, file_report.target_id, weight, 1,
            EXISTS (SELECT FROM forum_bans b WHERE b.forum_id = file_report.forum_id AND b.user_id = file_report.reporter_id),
            now_at)
    ON CONFLICT (target_id) WHERE resolved_at IS NULL
    DO UPDATE SET priority = c.priority + weight, report_count = c.report_count + 1,
                  has_banned_reporter = c.has_banned_reporter OR excluded.has_banned_reporter
    RETURNING * INTO open_case;
    IF open_case.id <> new_case_id THEN
        UPDATE reports r SET case_id = open_case.id WHERE r.case_id = new_case_id;
    END IF;
    PERFORM keep_evidence(open_case, now_at);
    RETURN true;
END $$;

-- Logs what moderators do with a case, without the names of those who reported or judge.
CREATE OR REPLACE FUNCTION log_case_event(report_case report_cases, type text, now_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO streams (id, kind) VALUES (report_case.id, 'case') ON CONFLICT DO NOTHING;
    PERFORM log_event('case', report_case.id, type, jsonb_build_object('case', jsonb_build_object(
        'id', report_case.id, 'forum_id', report_case.forum_id, 'target',
        jsonb_build_object('kind', report_case.target_kind, 'id', report_case.target_id))), now_at);
END $$;

-- A moderator looks after a case until `until`. Returns whether nobody else does, and it is open.
CREATE OR REPLACE FUNCTION claim_case(case_id uuid, moderator_id uuid, until timestamptz, now_at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    claimed report_cases;
BEGIN
    UPDATE report_cases c SET claimed_by = moderator_id, claimed_until = until
    WHERE c.id = case_id AND c.resolved_at IS NULL
      AND (c.claimed_by = moderator_id OR coalesce(c.claimed_until <= now_at, true))
    RETURNING * INTO claimed;
    IF claimed.id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM log_case_event(claimed, 'report.claimed', now_at);
    RETURN true;
END $$;

-- Resolves a case. Returns whether it was open. The records of all its reporters count it as upheld, or as dismissed.
CREATE OR REPLACE FUNCTION resolve_case(case_id uuid, moderator_id uuid, action text, note text, now_at timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    resolved report_cases;
BEGIN
    UPDATE report_cases c
    SET resolved_at = now_at, resolved_by = moderator_id, action = resolve_case.action, note = resolve_case.note
    WHERE c.id = case_id AND c.resolved_at IS NULL RETURNING * INTO resolved;
    IF resolved.id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM log_case_event(resolved, 'report.resolved', now_at);
    UPDATE report_evidence e SET resolved_at = now_at WHERE e.case_id = resolve_case.case_id;
    INSERT INTO reporter_records AS record (user_id, upheld, dismissed)
    SELECT r.reporter_id, (action NOT IN ('dismiss', 'approve'))::integer, (action IN ('dismiss', 'approve'))::integer
    FROM reports r WHERE r.case_id = resolve_case.case_id AND r.reporter_id IS NOT NULL ORDER BY r.reporter_id
    ON CONFLICT (user_id) DO UPDATE
    SET upheld = record.upheld + excluded.upheld, dismissed = record.dismissed + excluded.dismissed;
    RETURN true;
END $$;

-- A post has moved to another forum: its open cases, and the removals and open appeals of its comments, go to the moderators
-- there.
CREATE OR REPLACE FUNCTION move_reports(post_id uuid, from_forum_id uuid, to_forum_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE report_cases r SET forum_id = to_forum_id, has_banned_reporter = true -- perhaps, in the other forum
    WHERE r.forum_id = from_forum_id AND r.resolved_at IS NULL
      AND (r.target_id = move_reports.post_id
           OR EXISTS (SELECT FROM comments c WHERE c.id = r.target_id AND c.post_id = move_reports.post_id));
    WITH moved AS (
        UPDATE removals r SET forum_id = to_forum_id FROM comments c
        WHERE r.forum_id = from_forum_id AND r.lifted_at IS NULL AND c.id = r.target_id AND c.post_id = move_reports.post_id
        RETURNING r.id
    )
    UPDATE appeals a SET forum_id = to_forum_id FROM moved WHERE a.subject_id = moved.id AND a.state = 'open';
END $$;

-- A reported post or comment as moderators see it, with the beginning of its text even if it was removed; null text if its
-- author deleted it. Null without a target.
CREATE OR REPLACE FUNCTION target_json(target_kind text, target_id uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF target_kind = 'post' THEN
        RETURN (SELECT json_build_object(
                    'kind', target_kind, 'id', p.id, 'post_id', p.id, 'author', user_json(p.author_id),
                    'title', CASE WHEN p.deleted_at IS NULL THEN p.title END,
                    'text', CASE WHEN p.deleted_at IS NULL
                            THEN excerpt(coalesce(p.url || ' ', '') || p.body, 500) END,
                    'created_at', rfc3339(p.created_at), 'deleted_at', rfc3339(p.deleted_at),
                    'removed_at', rfc3339(p.removed_at))
                FROM posts p WHERE p.id = target_id);
    END IF;
    RETURN (SELECT json_build_object(
                'kind', target_kind, 'id', c.id, 'post_id', c.post_id, 'author', user_json(c.author_id), 'title', NULL,
                'text', CASE WHEN c.deleted_at IS NULL THEN excerpt(c.body, 500) END,
                'created_at', rfc3339(c.created_at), 'deleted_at', rfc3339(c.deleted_at),
                'removed_at', rfc3339(c.removed_at))
            FROM comments c WHERE c.id = target_id);
END $$;

-- A case as moderators see it, without the names of the reporters: the moderators judge the content, not the reporter.
CREATE OR REPLACE FUNCTION case_json(report_case report_cases, now_at timestamptz) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    is_claimed boolean := report_case.resolved_at IS NULL AND coalesce(report_case.claimed_until > now_at, false);
BEGIN
    RETURN json_build_object(
        'id', report_case.id,
        'forum', (SELECT json_build_object('id', f.id, 'slug', f.slug) FROM forums f WHERE f.id = report_case.forum_id),
        'target', (SELECT with_new_account_votes(target_json(report_case.target_kind, report_case.target_id), n.ups, n.downs)::json
                   FROM (SELECT) AS one LEFT JOIN new_account_votes n ON n.target_id = report_case.target_id),
        'withheld', coalesce((SELECT p.withheld FROM posts p WHERE p.id = report_case.target_id),
                             (SELECT c.withheld FROM comments c WHERE c.id = report_case.target_id)),
        'state', CASE WHEN report_case.resolved_at IS NOT NULL THEN 'resolved'
                      WHEN is_claimed THEN 'claimed' ELSE 'open' END,
        'priority', case_priority(report_case, now_at), 'report_count', report_case.report_count,
        'reasons', (SELECT json_object_agg(counted.reason, counted.number ORDER BY counted.number DESC, counted.reason)
                    FROM (SELECT r.reason, count(*) AS number FROM reports r
                          WHERE r.case_id = report_case.id GROUP BY r.reason) AS counted),
        'notes', (SELECT coalesce(json_agg(latest.note ORDER BY latest.created_at DESC), '[]')
                  FROM (SELECT r.note, r.created_at FROM reports r WHERE r.case_id = report_case.id AND r.note <> ''
                        ORDER BY r.created_at DESC LIMIT 5) AS latest),
        'reported', (SELECT json_build_object('version', e.version, 'title', e.title,
                                              'text', excerpt(coalesce(e.url || ' ', '') || e.body, 500),
                                              'reported_at', rfc3339(e.reported_at))
                     FROM report_evidence e WHERE e.case_id = report_case.id ORDER BY e.version DESC LIMIT 1),
        'created_at', rfc3339(report_case.created_at),
        'claimed_by', CASE WHEN is_claimed THEN user_json(report_case.claimed_by) END,
        'claimed_until', CASE WHEN is_claimed THEN rfc3339(report_case.claimed_until) END,
        'resolved_at', rfc3339(report_case.resolved_at), 'resolved_by', user_json(report_case.resolved_by),
        'action', report_case.action, 'note', report_case.note);
END $$;

-- A case with all that its reports kept, the last version first.
CREATE OR REPLACE FUNCTION case_detail_json(report_case report_cases, now_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN case_json(report_case, now_at)::jsonb || jsonb_build_object('evidence', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'version', e.version, 'title', e.title, 'url', e.url, 'body', e.body, 'body_html', e.body_html,
            'reported_at', rfc3339(e.reported_at)) ORDER BY e.version DESC), '[]')
        FROM (SELECT * FROM report_evidence k WHERE k.case_id = report_case.id ORDER BY k.version DESC LIMIT 20) AS e));
END $$;
