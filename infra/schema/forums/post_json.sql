-- Posts as the API shows them.

-- Posts as a reader sees them, in the order of `post_ids`: posts_json() and listed_posts_json() write it down. Postgres puts it
-- into their statements, so that what they do not ask for costs nothing.
--
-- may_read_text() says whether the text is there. A post of somebody whom the reader has blocked is `is_blocked`: it keeps its
-- place without its text. Every count is what this reader sees, with their own withheld comments and votes that do not count
-- for others. `is_listed` says whether this reader's lists contain the post. `has_blocks`: as blocks_anybody() says.
CREATE OR REPLACE FUNCTION seen_posts(post_ids uuid[], reader_id uuid, is_moderator boolean, has_blocks boolean)
RETURNS TABLE (
    ordinal bigint, p posts, slug text, author json, is_listed boolean, is_blocked boolean, title text, body text,
    body_html text, mentions uuid[], mentions_everyone text, url text, tags text[], attachments text, previews jsonb, poll json, score integer, ups integer,
    downs integer, my_vote integer, comment_count integer, accepted_id uuid, mark text
) LANGUAGE sql STABLE AS $$
    SELECT wanted.ordinal, p, f.slug,
           json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name, 'avatar', u.avatar),
           p.deleted_at IS NULL AND p.removed_at IS NULL AND may_see(p.withheld, p.author_id, reader_id, is_moderator),
           text.is_blocked,
           CASE WHEN it.is_readable THEN p.title ELSE '' END,
           CASE WHEN it.is_readable THEN p.body ELSE '' END,
           CASE WHEN it.is_readable THEN p.body_html ELSE '' END,
           CASE WHEN it.is_readable THEN p.mentions ELSE '{}' END,
           CASE WHEN it.is_readable THEN p.mentions_everyone END,
           CASE WHEN it.is_readable THEN p.url END,
           CASE WHEN it.is_readable THEN p.tags ELSE '{}' END,
           CASE WHEN it.is_readable AND p.attachments <> '[]' THEN attachments_json(p.attachments)::text ELSE '[]' END,
           CASE WHEN it.is_readable THEN p.previews ELSE '[]' END,
           CASE WHEN p.kind = 'poll' AND it.is_readable THEN poll_json(p.id, reader_id) END,
           c.score + own.ups - own.downs, c.ups + own.ups, c.downs + own.downs, coalesce(v.value, 0),
           c.comment_count + CASE WHEN c.hidden_comment_count > 0
               THEN seen_hidden_comments(p.id, c.hidden_comment_count, reader_id, is_moderator) ELSE 0 END,
           CASE WHEN p.accepted_comment_id IS NOT NULL THEN (
               SELECT a.id FROM comments a
               WHERE a.id = p.accepted_comment_id AND may_see_comment(a, reader_id, is_moderator)) END,
           withheld_mark(p.withheld, p.author_id = reader_id, is_moderator)
    FROM unnest(post_ids) WITH ORDINALITY AS wanted (id, ordinal)
    JOIN posts p ON p.id = wanted.id
    JOIN post_counts c ON c.post_id = p.id
    JOIN forums f ON f.id = p.forum_id
    JOIN users u ON u.id = p.author_id
    LEFT JOIN votes v ON v.target_id = p.id AND v.user_id = reader_id
    CROSS JOIN LATERAL (
        SELECT has_blocks AND has_blocked(reader_id, p.author_id) AS is_blocked
    ) AS text
    CROSS JOIN LATERAL (
        SELECT may_read_text(p.deleted_at, p.removed_at, p.author_id, reader_id, is_moderator, text.is_blocked) AS is_readable
    ) AS it
    CROSS JOIN LATERAL (
        SELECT (v.counted IS FALSE AND v.value = 1)::integer AS ups, (v.counted IS FALSE AND v.value = -1)::integer AS downs
    ) AS own
$$;

-- Posts as the API shows them, in the order of `post_ids`. By itself Postgres planned this query anew each time (it estimates
-- that knowing `is_moderator` in advance saves more than planning costs), which took three times as long as running it.
--
-- OFFSET 0: else each of the two cases above would contain the whole object, and each call would prepare both.
CREATE OR REPLACE FUNCTION posts_json(post_ids uuid[], reader_id uuid, is_moderator boolean)
RETURNS TABLE (ordinal bigint, id uuid, post text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    has_blocks boolean := blocks_anybody(reader_id);
BEGIN RETURN QUERY
    SELECT item.ordinal, item.id,
           CASE WHEN is_moderator THEN with_new_account_votes(item.json, n.ups, n.downs) ELSE item.json::text END
    FROM (
        SELECT s.ordinal, (s.p).id, json_build_object(
            'id', (s.p).id, 'forum', json_build_object('id', (s.p).forum_id, 'slug', s.slug), 'author', s.author,
            'kind', (s.p).kind, 'title', s.title, 'body', s.body, 'body_html', s.body_html, 'mentions', to_json(s.mentions),
            'mentions_everyone', s.mentions_everyone, 'url', s.url, 'tags', to_json(s.tags),
            'attachments', s.attachments::json, 'previews', s.previews, 'poll', s.poll,
            'score', s.score, 'ups', s.ups, 'downs', s.downs, 'comment_count', s.comment_count, 'my_vote', s.my_vote,
            'blocked', s.is_blocked, 'accepted_comment_id', s.accepted_id, 'version', (s.p).version,
            'created_at', rfc3339((s.p).created_at), 'edited_at', rfc3339((s.p).edited_at),
            'deleted_at', rfc3339((s.p).deleted_at), 'removed_at', rfc3339((s.p).removed_at),
            'pinned', (s.p).pinned_at IS NOT NULL, 'locked', (s.p).locked_at IS NOT NULL, 'withheld', s.mark,
            'removal_reason', CASE WHEN (s.p).removed_at IS NOT NULL AND (is_moderator OR (s.p).author_id = reader_id)
                                   THEN removal_reason((s.p).id) END,
            'head', (SELECT h.head FROM streams h WHERE h.id = (s.p).id) + own_event_count((s.p).id, reader_id)) AS json
        FROM seen_posts(post_ids, reader_id, is_moderator, has_blocks) s
        OFFSET 0
    ) AS item
    LEFT JOIN new_account_votes n ON is_moderator AND n.target_id = item.id
    ORDER BY item.ordinal;
END $$;

-- Those of the posts that this reader's lists contain, as lists show them, with the beginning of the text only: JSON, separated
-- by commas. Null if there are none. It is a part of list_posts(), which has it planned once.
CREATE OR REPLACE FUNCTION listed_posts_json(post_ids uuid[], reader_id uuid, is_moderator boolean) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    has_blocks boolean := blocks_anybody(reader_id);
BEGIN
    RETURN (
        SELECT string_agg(concat(
            '{"id":"', (s.p).id, '","forum":{"id":"', (s.p).forum_id, '","slug":', to_json(s.slug), '},"author":', s.author,
            ',"kind":"', (s.p).kind, '","title":', to_json(s.title), ',"excerpt":', to_json(excerpt(s.body, 280)),
            ',"url":', coalesce(to_json(s.url)::text, 'null'), ',"tags":', to_json(s.tags), ',"attachments":', s.attachments,
            ',"previews":', s.previews, ',"poll":', coalesce(s.poll::text, 'null'),
            ',"score":', s.score, ',"ups":', s.ups, ',"downs":', s.downs, ',"comment_count":', s.comment_count,
            ',"my_vote":', s.my_vote, ',"blocked":', s.is_blocked::text, ',"accepted_comment_id":',
            coalesce('"' || s.accepted_id || '"', 'null'), ',"version":', (s.p).version,
            ',"created_at":"', rfc3339((s.p).created_at), '","edited_at":', coalesce('"' || rfc3339((s.p).edited_at) || '"', 'null'),
            ',"deleted_at":', coalesce('"' || rfc3339((s.p).deleted_at) || '"', 'null'),
            ',"removed_at":', coalesce('"' || rfc3339((s.p).removed_at) || '"', 'null'),
            ',"pinned":', ((s.p).pinned_at IS NOT NULL)::text, ',"locked":', ((s.p).locked_at IS NOT NULL)::text,
            ',"withheld":', coalesce('"' || s.mark || '"', 'null'), CASE WHEN is_moderator THEN concat(
                ',"new_account_votes":{"ups":', coalesce(n.ups, 0), ',"downs":', coalesce(n.downs, 0), '}') END, '}'),
            ',' ORDER BY s.ordinal) FILTER (WHERE s.is_listed)
        FROM seen_posts(post_ids, reader_id, is_moderator, has_blocks) AS s
        LEFT JOIN new_account_votes n ON is_moderator AND n.target_id = (s.p).id);
END $$;

-- As the code of the release before calls it, while both run. To be removed in the release after.
CREATE OR REPLACE FUNCTION posts_json(post_ids uuid[], reader_id uuid, is_moderator boolean, brief boolean)
RETURNS TABLE (ordinal bigint, id uuid, is_listed boolean, post json) LANGUAGE sql STABLE AS $$
    SELECT p.ordinal, p.id, true, p.post::json FROM posts_json(post_ids, reader_id, is_moderator) p WHERE NOT brief
$$;
