-- Who searches, and what of it they may see.

-- What the searches of one user are limited to, and the authors and forums that a search names: those that do not exist are left
-- out. The visibility is that of history_after() and forum_role(). `left_out`: forums from which the user is banned, and those
-- that became private so lately that some of their documents may still be public.
CREATE OR REPLACE FUNCTION search_viewer(viewer_id uuid, usernames text[], slugs text[]) RETURNS TABLE (
    conversations uuid[], history_after bigint[], private_forums uuid[], moderated_forums uuid[], left_out uuid[],
    hidden_authors uuid[], author_names text[], author_ids uuid[], forum_ids uuid[]
) LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT array_agg(cm.conversation_id), array_agg(cm.history_after) INTO conversations, history_after
    FROM conversation_members cm WHERE cm.user_id = viewer_id;
    SELECT array_agg(f.id) FILTER (WHERE f.visibility = 'private'),
           array_agg(f.id) FILTER (WHERE each.role IN ('owner', 'moderator'))
    INTO private_forums, moderated_forums
    FROM forum_members m
    CROSS JOIN LATERAL (SELECT forum_role(m.forum_id, viewer_id) AS role OFFSET 0) AS each
    JOIN forums f ON f.id = m.forum_id
    WHERE m.user_id = viewer_id AND each.role IS NOT NULL AND each.role <> 'banned';
    left_out := ARRAY (
        SELECT b.forum_id FROM forum_bans b WHERE b.user_id = viewer_id AND NOT b.shadow AND b.until > now()
        UNION
        SELECT c.forum_id FROM closed_forums c
        WHERE c.closed_at > now() - interval '1 day' AND forum_role(c.forum_id, viewer_id) IS NULL);
    hidden_authors := ARRAY (SELECT b.blocked_id FROM blocks b WHERE b.user_id = viewer_id);
    SELECT array_agg(n.name), array_agg(n.user_id) INTO author_names, author_ids FROM users_named(usernames) n;
    forum_ids := ARRAY (SELECT f.id FROM forums f WHERE lower(f.slug) = ANY (slugs));
    RETURN NEXT;
END $$;
