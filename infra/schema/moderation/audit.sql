-- The audit log: how an entry is chained to the one before it, and how a break in the chain is found.

-- The hash of an entry. Its text is a JSON array as jsonb writes it, so that each content has exactly one text.
CREATE OR REPLACE FUNCTION audit_hash(entry audit_log) RETURNS bytea LANGUAGE sql STABLE
    RETURN sha256(entry.previous || convert_to(jsonb_build_array(
        entry.forum_id, entry.number, entry.actor_id, entry.action, entry.target_kind, entry.target_id, entry.detail,
        to_char(entry.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'UTF8'));

-- Appends the next entry of a forum, whose stream the caller has locked. Returns its number.
CREATE OR REPLACE FUNCTION append_audit_entry(
    forum_id uuid, actor_id uuid, action text, target_kind text, target_id uuid, detail jsonb, now_at timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    head  audit_heads;
    entry audit_log;
BEGIN
    INSERT INTO audit_heads VALUES (forum_id, 0, '') ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM audit_heads h WHERE h.forum_id = append_audit_entry.forum_id FOR UPDATE;
    entry := ROW(forum_id, head.number + 1, actor_id, action, target_kind, target_id, detail, now_at, head.hash, '');
    entry.hash := audit_hash(entry);
    INSERT INTO audit_log VALUES (entry.*);
    UPDATE audit_heads h SET number = entry.number, hash = entry.hash WHERE h.forum_id = append_audit_entry.forum_id;
    RETURN entry.number;
END $$;

-- The first bad entry of each chain, of one forum or (null) of all: one that is missing, was inserted or was altered.
--
-- An entry is altered if its hash does not fit its content, or if what follows (the next entry, or at the end the head) does
-- not go on from its hash: somebody who changes an entry and its hash is found at that entry. For that, the next entry must
-- itself be unaltered. If it is not, the next entry is the bad one, unless it goes on from the entry before this one: then
-- this entry was inserted between them. Somebody who rewrites a whole chain with its head is found only by comparing it with
-- a hash that was noted elsewhere.
CREATE OR REPLACE FUNCTION audit_faults(only_forum_id uuid) RETURNS TABLE (forum_id uuid, number bigint, fault text)
LANGUAGE sql STABLE AS $$
    WITH hashed AS (
        SELECT a.forum_id, a.number, a.previous, a.hash, a.hash IS DISTINCT FROM audit_hash(a) AS is_altered,
               h.number AS last, h.hash AS last_hash
        FROM audit_log a LEFT JOIN audit_heads h ON h.forum_id = a.forum_id
        WHERE only_forum_id IS NULL OR a.forum_id = only_forum_id
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
        WHERE (only_forum_id IS NULL OR h.forum_id = only_forum_id) AND h.number > coalesce(latest.number, 0)
    )
    SELECT DISTINCT ON (found.forum_id) found.forum_id, found.number, found.fault
    FROM found
    WHERE found.fault IS NOT NULL
    ORDER BY found.forum_id, found.number
$$;
