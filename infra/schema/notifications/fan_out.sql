-- What goes to many: the followers of a forum, a tag, an author, a post or a conversation, and everybody whom @everyone means.

CREATE OR REPLACE FUNCTION next_turn() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(max(f.turn), 0) + 1 FROM notification_fan_outs f);
END $$;

-- Puts a source where the next round to its audience takes it along. One that has begun is left alone. The consumer is the only
-- one who calls it.
CREATE OR REPLACE FUNCTION add_to_fan_out(of_kind text, of_id uuid, source_id uuid, now_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notification_fan_outs AS f (turn, kind, subject_id, sources, created_at)
    VALUES (next_turn(), of_kind, of_id, ARRAY[source_id], now_at)
    ON CONFLICT (kind, subject_id) WHERE NOT has_begun DO UPDATE
    SET sources = CASE WHEN source_id = ANY (f.sources) THEN f.sources ELSE f.sources || source_id END,
        has_begun = cardinality(f.sources) >= 199;
END $$;

CREATE OR REPLACE FUNCTION is_followed(kind text, target_id uuid, tag text, by_others_than uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM follows f
        WHERE f.target_id = is_followed.target_id AND f.kind = is_followed.kind AND f.tag = is_followed.tag
          AND f.level = 'everything' AND f.user_id <> by_others_than);
END $$;

CREATE OR REPLACE FUNCTION fan_out_messages(message_ids uuid[], now_at timestamptz) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM add_to_fan_out('message_broadcast', m.conversation_id, m.id, now_at)
    FROM unnest(message_ids) WITH ORDINALITY AS wanted (id, ordinal) CROSS JOIN LATERAL message_by_id(wanted.id) AS m
    WHERE m.mentions_everyone IS NOT NULL AND m.deleted_at IS NULL ORDER BY wanted.ordinal;
    PERFORM add_to_fan_out('messages', m.conversation_id, m.id, now_at)
    FROM unnest(message_ids) WITH ORDINALITY AS wanted (id, ordinal) CROSS JOIN LATERAL message_by_id(wanted.id) AS m
    WHERE m.deleted_at IS NULL AND is_followed('conversation', m.conversation_id, '', m.author_id) ORDER BY wanted.ordinal;
END $$;

-- Withheld posts and comments too: who may not see them is not notified, and when they are approved there is another event.
CREATE OR REPLACE FUNCTION fan_out_posts(post_ids uuid[], now_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_to_fan_out('post_broadcast', p.forum_id, p.id, now_at)
    FROM posts p WHERE p.id = ANY (post_ids) AND p.mentions_everyone IS NOT NULL AND p.withheld IS NULL ORDER BY p.id;
    PERFORM add_to_fan_out(audience.kind, audience.subject_id, p.id, now_at)
    FROM posts p
    CROSS JOIN LATERAL (
        SELECT 'forum_posts' AS kind, p.forum_id AS subject_id WHERE is_followed('forum', p.forum_id, '', p.author_id)
        UNION ALL
        SELECT 'user_posts', p.author_id WHERE is_followed('user', p.author_id, '', p.author_id)
        UNION ALL
        SELECT 'tag_posts:' || tag, p.forum_id FROM unnest(p.tags) AS tag WHERE is_followed('tag', p.forum_id, tag, p.author_id)
    ) AS audience
    WHERE p.id = ANY (post_ids) AND p.deleted_at IS NULL AND p.removed_at IS NULL AND p.withheld IS NULL
    ORDER BY p.id;
END $$;

CREATE OR REPLACE FUNCTION fan_out_comments(comment_ids uuid[], now_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_to_fan_out('comment_broadcast', p.forum_id, c.id, now_at)
    FROM comments c JOIN posts p ON p.id = c.post_id
    WHERE c.id = ANY (comment_ids) AND c.mentions_everyone IS NOT NULL AND c.withheld IS NULL ORDER BY c.id;
    PERFORM add_to_fan_out('comments', followed.post_id, written.id, now_at)
    FROM (SELECT each.post_id, each.author_id, array_agg(each.id ORDER BY each.id) AS ids FROM comments each
          WHERE each.id = ANY (comment_ids) AND each.deleted_at IS NULL AND each.removed_at IS NULL AND each.withheld IS NULL
          GROUP BY each.post_id, each.author_id OFFSET 0) AS followed
    CROSS JOIN LATERAL unnest(followed.ids) AS written (id)
    WHERE is_followed('post', followed.post_id, '', followed.author_id)
    ORDER BY written.id;
END $$;

-- The fan-out whose turn it is, which begins with this, and its next users. It is locked until the transaction ends.
CREATE OR REPLACE FUNCTION next_fan_out(page_size integer)
RETURNS TABLE (number bigint, kind text, subject_id uuid, sources uuid[], users uuid[]) LANGUAGE plpgsql AS $$
DECLARE
    next notification_fan_outs;
BEGIN
    SELECT * INTO next FROM notification_fan_outs f ORDER BY f.turn LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE notification_fan_outs f SET has_begun = true WHERE f.number = next.number AND NOT f.has_begun;
    RETURN QUERY
    SELECT next.number, next.kind, next.subject_id, next.sources,
           fan_out_audience(next.kind, next.subject_id, next.position, page_size);
END $$;

CREATE OR REPLACE FUNCTION fan_out_audience(kind text, subject_id uuid, after_id uuid, page_size integer) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF kind = 'message_broadcast' THEN
        RETURN ARRAY (SELECT cm.user_id FROM conversation_members cm
                      WHERE cm.conversation_id = fan_out_audience.subject_id AND cm.user_id > after_id
                      ORDER BY cm.user_id LIMIT page_size);
    ELSIF kind IN ('post_broadcast', 'comment_broadcast') THEN
        RETURN ARRAY (SELECT m.user_id FROM forum_members m
                      WHERE m.forum_id = fan_out_audience.subject_id AND m.user_id > after_id
                      ORDER BY m.user_id LIMIT page_size);
    ELSIF kind IN ('report_claimed', 'report_resolved') THEN
        RETURN ARRAY (SELECT r.reporter_id FROM reports r
                      WHERE r.case_id = fan_out_audience.subject_id AND r.reporter_id > after_id
                      ORDER BY r.reporter_id LIMIT page_size);
    ELSIF kind IN ('changed_text', 'closed_forum') THEN
        RETURN ARRAY (SELECT each.user_id FROM users_with_sources(kind, subject_id, after_id, page_size) AS each);
    END IF;
    RETURN ARRAY (SELECT f.user_id FROM follows f
                  WHERE f.target_id = fan_out_audience.subject_id AND f.kind = followed_kind(fan_out_audience.kind)
                    AND f.tag = followed_tag(fan_out_audience.kind) AND f.level = 'everything' AND f.user_id > after_id
                  ORDER BY f.user_id LIMIT page_size);
END $$;

-- Who has a notification about a text, or what is below it, or about what is in a place.
CREATE OR REPLACE FUNCTION users_with_sources(kind text, subject_id uuid, after_id uuid, page_size integer)
RETURNS TABLE (user_id uuid) LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF kind = 'closed_forum' THEN
        RETURN QUERY SELECT DISTINCT s.user_id FROM notification_sources s
        WHERE s.place_id = subject_id AND s.user_id > after_id AND s.notification_id IS NOT NULL ORDER BY s.user_id LIMIT page_size;
    ELSE
        RETURN QUERY
        SELECT each.user_id FROM (
            (SELECT DISTINCT s.user_id FROM notification_sources s
             WHERE s.text_id = subject_id AND s.user_id > after_id AND s.notification_id IS NOT NULL
             ORDER BY s.user_id LIMIT page_size)
            UNION
            (SELECT DISTINCT s.user_id FROM notification_sources s
             WHERE s.context_id = subject_id AND s.user_id > after_id AND s.notification_id IS NOT NULL
             ORDER BY s.user_id LIMIT page_size)
        ) AS each ORDER BY each.user_id LIMIT page_size;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION followed_kind(fan_out_kind text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE split_part(fan_out_kind, ':', 1) WHEN 'forum_posts' THEN 'forum' WHEN 'user_posts' THEN 'user'
           WHEN 'tag_posts' THEN 'tag' WHEN 'comments' THEN 'post' ELSE 'conversation' END;

CREATE OR REPLACE FUNCTION followed_tag(fan_out_kind text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN starts_with(fan_out_kind, 'tag_posts:') THEN substr(fan_out_kind, 11) ELSE '' END;

-- The fan-out has gone to all its users up to this one; null: to all.
CREATE OR REPLACE FUNCTION move_fan_out(number bigint, last_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF last_id IS NULL THEN
        DELETE FROM notification_fan_outs f WHERE f.number = move_fan_out.number;
    ELSE
        UPDATE notification_fan_outs f SET position = last_id, turn = next_turn()
        WHERE f.number = move_fan_out.number;
    END IF;
END $$;

-- What moderators did with the reports of these users. Neither moderators nor other reporters are named.
CREATE OR REPLACE FUNCTION report_candidates(fan_out_kind text, of_case_id uuid, users uuid[], now_at timestamptz)
RETURNS SETOF notification_candidate LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT reporter.id, fan_out_kind, 3, 1::smallint, NULL::text, fan_out_kind || ':' || c.id, 'forum', c.forum_id, c.target_kind,
           c.target_id, made_id(fan_out_kind || c.id), NULL::uuid, 'forum', c.forum_id, NULL::uuid, NULL::bigint, now_at
    FROM report_cases c CROSS JOIN unnest(users) AS reporter (id)
    WHERE c.id = of_case_id
      AND (fan_out_kind = 'report_resolved') = (c.resolved_at IS NOT NULL);
END $$;

-- The sources as candidates for some of the users. What happened before they followed is no news.
CREATE OR REPLACE FUNCTION fan_out_candidates(fan_out_kind text, subject_id uuid, sources uuid[], users uuid[])
RETURNS SETOF notification_candidate LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    WITH followers AS (
        SELECT f.user_id, f.since FROM follows f
        WHERE fan_out_kind NOT LIKE '%broadcast' AND f.user_id = ANY (users) AND f.target_id = fan_out_candidates.subject_id
          AND f.kind = followed_kind(fan_out_kind) AND f.tag = followed_tag(fan_out_kind) AND f.level = 'everything'
        UNION ALL
        SELECT member, '-infinity'::timestamptz FROM unnest(users) AS member WHERE fan_out_kind LIKE '%broadcast'
    )
    SELECT f.user_id, 'broadcast', 3, 2::smallint, 'mentions', 'broadcast:' || m.conversation_id, 'conversation', m.conversation_id,
           'message', m.id, m.id, m.author_id, 'message', m.id, m.conversation_id, m.seq, m.created_at
    FROM unnest(sources) AS source (id) CROSS JOIN LATERAL message_by_id(source.id) AS m CROSS JOIN followers f
    WHERE fan_out_kind = 'message_broadcast' AND m.mentions_everyone IS NOT NULL AND f.user_id <> m.author_id
    UNION ALL
    SELECT f.user_id, 'message', 6, 1::smallint, 'everything', 'message:' || m.conversation_id, 'conversation', m.conversation_id,
           'message', m.id, m.id, m.author_id, 'message', m.id, m.conversation_id, m.seq, m.created_at
    FROM unnest(sources) AS source (id) CROSS JOIN LATERAL message_by_id(source.id) AS m CROSS JOIN followers f
    WHERE fan_out_kind = 'messages' AND f.user_id <> m.author_id AND f.since <= m.created_at
    UNION ALL
    SELECT f.user_id, CASE WHEN fan_out_kind = 'post_broadcast' THEN 'broadcast' ELSE 'new_post' END, 5,
           CASE WHEN fan_out_kind = 'post_broadcast' THEN 2 ELSE 1 END::smallint, 'mentions',
           CASE WHEN fan_out_kind = 'post_broadcast' THEN 'broadcast:' ELSE 'new_post:' END || p.forum_id,
           'forum', p.forum_id, 'post', p.id, p.id, p.author_id, 'post', p.id, p.forum_id, NULL::bigint, p.created_at
    FROM posts p CROSS JOIN followers f
    WHERE (fan_out_kind = 'post_broadcast' OR split_part(fan_out_kind, ':', 1) IN ('forum_posts', 'user_posts', 'tag_posts'))
      AND p.id = ANY (sources) AND f.user_id <> p.author_id AND f.since <= p.created_at
    UNION ALL
    SELECT f.user_id, CASE WHEN fan_out_kind = 'comments' THEN 'comment' ELSE 'broadcast' END, 4,
           CASE WHEN fan_out_kind = 'comments' THEN 1 ELSE 2 END::smallint,
           CASE WHEN fan_out_kind = 'comments' THEN 'everything' ELSE 'mentions' END,
           CASE WHEN fan_out_kind = 'comments' THEN 'comment:' || c.post_id ELSE 'broadcast:' || p.forum_id END,
           'forum', p.forum_id, 'comment', c.id, c.id, c.author_id, 'comment', c.id, c.post_id, NULL::bigint, c.created_at
    FROM comments c JOIN posts p ON p.id = c.post_id CROSS JOIN followers f
    WHERE fan_out_kind IN ('comments', 'comment_broadcast') AND c.id = ANY (sources) AND f.user_id <> c.author_id
      AND f.since <= c.created_at;
END $$;
