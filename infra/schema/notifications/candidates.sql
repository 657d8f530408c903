-- What may become notifications: whom a text names, answers or concerns directly. What goes to followers is in fan_out.sql.

-- A number of some bytes as an id, for what has none.
CREATE OR REPLACE FUNCTION made_id(parts text) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN md5(parts)::uuid;

CREATE OR REPLACE FUNCTION message_candidates(message_ids uuid[]) RETURNS SETOF notification_candidate
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT reader.user_id, reader.kind, reader.rank, 2::smallint, reader.needs,
           CASE reader.kind WHEN 'reply' THEN 'reply:' || m.reply_to ELSE reader.kind || ':' || m.conversation_id END,
           'conversation', m.conversation_id, 'message', m.id, m.id, m.author_id, 'message', m.id, m.conversation_id, m.seq,
           m.created_at
    FROM unnest(message_ids) AS wanted (id)
    CROSS JOIN LATERAL message_by_id(wanted.id) AS m
    CROSS JOIN LATERAL (
        SELECT mentioned.id AS user_id, 'mention' AS kind, 1 AS rank, 'mentions' AS needs FROM unnest(m.mentions) AS mentioned (id)
        UNION ALL
        SELECT parent.author_id, 'reply', 2, 'mentions' FROM message_by_id(m.reply_to) AS parent WHERE m.reply_to IS NOT NULL
        UNION ALL
        SELECT cm.user_id, 'direct_message', 4, 'everything'
        FROM conversations c JOIN conversation_members cm ON cm.conversation_id = c.id
        WHERE c.id = m.conversation_id AND c.kind = 'direct'
    ) AS reader
    WHERE m.deleted_at IS NULL AND reader.user_id <> m.author_id;
END $$;

-- `changes`: [{message_id, seq, user_id, created_at}] of added reactions, with the number of their event.
CREATE OR REPLACE FUNCTION reaction_candidates(changes jsonb) RETURNS SETOF notification_candidate
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT m.author_id, 'reaction', 5, 1::smallint, 'mentions', 'reaction:' || m.id, 'conversation', m.conversation_id, 'message',
           m.id, made_id('reaction' || m.id || change.user_id), change.user_id, 'message', m.id, m.conversation_id, change.seq,
           change.created_at
    FROM jsonb_to_recordset(changes) AS change (message_id uuid, seq bigint, user_id uuid, created_at timestamptz)
    CROSS JOIN LATERAL message_by_id(change.message_id) AS m
    WHERE m.deleted_at IS NULL AND m.author_id <> change.user_id
      AND EXISTS (SELECT FROM reactions r WHERE r.message_id = m.id AND r.user_id = change.user_id);
END $$;

CREATE OR REPLACE FUNCTION post_candidates(post_ids uuid[]) RETURNS SETOF notification_candidate LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT mentioned.id, 'mention', 1, 2::smallint, 'mentions', 'mention:' || p.id, 'forum', p.forum_id, 'post', p.id, p.id,
           p.author_id, 'post', p.id, p.forum_id, NULL::bigint, p.created_at
    FROM posts p CROSS JOIN LATERAL unnest(p.mentions) AS mentioned (id)
    WHERE p.id = ANY (post_ids) AND p.deleted_at IS NULL AND p.removed_at IS NULL AND mentioned.id <> p.author_id
    UNION ALL
    SELECT c.author_id, 'answer_accepted', 3, 1::smallint, 'mentions', 'answer_accepted:' || p.id, 'forum', p.forum_id, 'comment',
           c.id, made_id('accepted' || c.id), p.author_id, 'comment', c.id, p.id, NULL::bigint, c.created_at
    FROM posts p JOIN comments c ON c.id = p.accepted_comment_id
    WHERE p.id = ANY (post_ids) AND p.deleted_at IS NULL AND p.removed_at IS NULL AND c.author_id <> p.author_id;
END $$;

CREATE OR REPLACE FUNCTION comment_candidates(comment_ids uuid[]) RETURNS SETOF notification_candidate
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT reader.user_id, reader.kind, reader.rank, 2::smallint, 'mentions',
           CASE reader.kind WHEN 'reply' THEN 'reply:' || c.parent_id ELSE 'mention:' || c.post_id END,
           'forum', p.forum_id, 'comment', c.id, c.id, c.author_id, 'comment', c.id, c.post_id, NULL::bigint, c.created_at
    FROM comments c
    JOIN posts p ON p.id = c.post_id
    CROSS JOIN LATERAL (
        SELECT mentioned.id AS user_id, 'mention' AS kind, 1 AS rank FROM unnest(c.mentions) AS mentioned (id)
        UNION ALL
        SELECT coalesce((SELECT above.author_id FROM comments above WHERE above.id = c.parent_id), p.author_id), 'reply', 2
    ) AS reader
    WHERE c.id = ANY (comment_ids) AND c.deleted_at IS NULL AND c.removed_at IS NULL AND reader.user_id <> c.author_id;
END $$;

-- What moderators and others did that concerns a user: `notices` are events of users' own streams, {stream_id, seq, type, payload,
-- created_at}.
CREATE OR REPLACE FUNCTION notice_candidates(notices jsonb) RETURNS SETOF notification_candidate LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT n.stream_id, named.kind, 3, named.level, NULL::text, named.kind || ':' || coalesce(named.target_id, named.place_id, n.stream_id),
           named.place_kind, named.place_id, named.target_kind, coalesce(named.target_id, named.place_id),
           made_id('notice' || n.stream_id || n.seq), named.actor_id, named.text_kind, named.target_id, NULL::uuid, NULL::bigint,
           n.created_at
    FROM jsonb_to_recordset(notices) AS n (stream_id uuid, seq bigint, type text, payload jsonb, created_at timestamptz)
    CROSS JOIN LATERAL (
        SELECT 'invitation' AS kind, 2::smallint AS level, 'conversation' AS place_kind,
               (n.payload #>> '{conversation,id}')::uuid AS place_id, 'conversation' AS target_kind,
               (n.payload #>> '{conversation,id}')::uuid AS target_id, (n.payload #>> '{conversation,created_by}')::uuid AS actor_id,
               'conversation' AS text_kind
        WHERE n.type = 'conversation.joined' AND n.payload #>> '{conversation,kind}' = 'group'
          AND n.payload #>> '{conversation,created_by}' <> n.stream_id::text
        UNION ALL
        SELECT 'warning', 2::smallint, 'forum', (n.payload #>> '{warning,forum,id}')::uuid, 'warning',
               (n.payload #>> '{warning,id}')::uuid, NULL, NULL
        WHERE n.type = 'moderation.warned'
        UNION ALL
        SELECT CASE n.type WHEN 'moderation.removed' THEN 'removal' WHEN 'moderation.restored' THEN 'restoration'
                           ELSE 'approval' END,
               1::smallint, 'forum', (n.payload #>> '{forum,id}')::uuid, n.payload #>> '{target,kind}',
               (n.payload #>> '{target,id}')::uuid, NULL, NULL
        WHERE n.type IN ('moderation.removed', 'moderation.restored', 'moderation.approved')
        UNION ALL
        SELECT CASE n.type WHEN 'moderation.banned' THEN 'ban' ELSE 'unban' END, 1::smallint, 'forum',
               (n.payload #>> '{forum,id}')::uuid, 'forum', (n.payload #>> '{forum,id}')::uuid, NULL, NULL
        WHERE n.type IN ('moderation.banned', 'moderation.unbanned')
        UNION ALL
        SELECT 'appeal', 1::smallint, 'forum', (n.payload #>> '{appeal,forum,id}')::uuid, 'appeal',
               (n.payload #>> '{appeal,id}')::uuid, NULL, NULL
        WHERE n.type = 'appeal.resolved'
        UNION ALL
        SELECT CASE n.type WHEN 'request.created' THEN 'membership_request' ELSE 'membership_decision' END, 1::smallint, 'forum',
               (n.payload #>> '{request,forum,id}')::uuid, 'forum', (n.payload #>> '{request,forum,id}')::uuid,
               CASE n.type WHEN 'request.created' THEN (n.payload #>> '{request,user,id}')::uuid END, NULL
        WHERE (n.type = 'request.created') = (n.payload #>> '{request,user,id}' <> n.stream_id::text)
          AND n.type IN ('request.created', 'request.resolved')
    ) AS named;
END $$;
