-- The order of the queue of reports. A report of a user who is banned from the forum weighs nothing, whenever it was filed, and
-- weighs again when the ban is over: so what bans take off the kept `priority` is read when the queue is.

CREATE OR REPLACE FUNCTION case_priority(report_case report_cases, now_at timestamptz) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT report_case.has_banned_reporter THEN
        RETURN report_case.priority;
    END IF;
    RETURN report_case.priority - (
        SELECT coalesce(sum(r.weight), 0)
        FROM reports r JOIN forum_bans b ON b.forum_id = report_case.forum_id AND b.user_id = r.reporter_id
        WHERE r.case_id = report_case.id AND b.until > now_at);
END $$;

-- A page of the claimed or the open cases of these forums after a position: highest priority first, then oldest first. Most of
-- them walk along the index of the kept priority; the few with reports of users who were banned are all read, and sorted in.
CREATE OR REPLACE FUNCTION list_unresolved_cases(
    forum_ids uuid[], is_claimed boolean, after_priority bigint, after_id uuid, page_size integer, now_at timestamptz
) RETURNS TABLE (priority integer, report_case report_cases) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT listed.priority, listed.report_case
    FROM (
        SELECT (whole.report_case).priority AS priority, whole.report_case
        FROM unnest(forum_ids) AS forum (id)
        CROSS JOIN LATERAL (
            SELECT c AS report_case FROM report_cases c
            WHERE c.forum_id = forum.id AND c.resolved_at IS NULL AND NOT c.has_banned_reporter
              AND coalesce(c.claimed_until > now_at, false) = is_claimed
              AND c.priority <= after_priority AND (c.priority < after_priority OR c.id > after_id)
            ORDER BY c.priority DESC, c.id
            LIMIT page_size
        ) AS whole
        UNION ALL
        SELECT weighed.priority, c
        FROM report_cases c CROSS JOIN LATERAL (SELECT case_priority(c, now_at) AS priority) AS weighed
        WHERE c.forum_id = ANY (forum_ids) AND c.resolved_at IS NULL AND c.has_banned_reporter
          AND coalesce(c.claimed_until > now_at, false) = is_claimed
          AND (weighed.priority < after_priority OR (weighed.priority = after_priority AND c.id > after_id))
    ) AS listed
    ORDER BY listed.priority DESC, (listed.report_case).id
    LIMIT page_size;
END $$;
