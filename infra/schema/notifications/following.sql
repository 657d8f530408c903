-- What users follow.

CREATE OR REPLACE FUNCTION may_follow_target(user_id uuid, kind text, target_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE kind
        WHEN 'conversation' THEN EXISTS (
            SELECT FROM conversation_members cm
            WHERE cm.conversation_id = target_id AND cm.user_id = may_follow_target.user_id)
        WHEN 'post' THEN coalesce(
            (SELECT role_at_post(p, may_follow_target.user_id) IS NOT NULL FROM posts p WHERE p.id = target_id), false)
        WHEN 'user' THEN EXISTS (SELECT FROM users u WHERE u.id = target_id)
        ELSE forum_role(target_id, may_follow_target.user_id) IS NOT NULL END;
END $$;

-- Everything that a user follows or has muted, in order of kind, id and tag. A muted conversation has the level 'nothing', for as
-- long as it is muted. Of what the user may not read any more nothing is shown.
CREATE OR REPLACE FUNCTION list_follows(
    of_user_id uuid, only_kind text, after_kind text, after_id uuid, after_tag text, page_size integer
) RETURNS TABLE (kind text, target_id uuid, tag text, follow text) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT each.kind, each.target_id, each.tag, json_build_object(
        'kind', each.kind, 'id', each.target_id, 'tag', nullif(each.tag, ''), 'level', each.level,
        'automatic', each.is_automatic, 'since', rfc3339(each.since))::text
    FROM (
        (SELECT f.kind, f.target_id, f.tag, f.level, f.is_automatic, f.since FROM follows f
         WHERE f.user_id = of_user_id AND f.kind <> 'conversation' AND (only_kind IS NULL OR f.kind = only_kind)
           AND (f.kind, f.target_id, f.tag) > (after_kind, after_id, after_tag)
           AND may_follow_target(of_user_id, f.kind, f.target_id)
         ORDER BY f.kind, f.target_id, f.tag LIMIT page_size)
        UNION ALL
        (SELECT 'conversation', cm.conversation_id, '',
                CASE WHEN cm.muted_until > now() THEN 'nothing' ELSE f.level END, false, coalesce(f.since, cm.joined_at)
         FROM conversation_members cm
         LEFT JOIN follows f ON f.user_id = of_user_id AND f.kind = 'conversation' AND f.target_id = cm.conversation_id
                            AND f.tag = ''
         WHERE cm.user_id = of_user_id AND (only_kind IS NULL OR only_kind = 'conversation')
           AND ('conversation', cm.conversation_id, '') > (after_kind, after_id, after_tag)
           AND (cm.muted_until > now() OR f.level <> 'nothing')
         ORDER BY cm.conversation_id LIMIT page_size)
    ) AS each
    ORDER BY each.kind, each.target_id, each.tag LIMIT page_size;
END $$;

-- Back to the default, which for a post is to follow it where the user has written it, or there. What happened meanwhile is no news.
CREATE OR REPLACE FUNCTION delete_follow(of_user_id uuid, of_kind text, of_id uuid, of_tag text, now_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE follows f
    SET since = CASE WHEN f.level = 'everything' THEN f.since ELSE now_at END, level = 'everything', is_automatic = true
    WHERE f.user_id = of_user_id AND f.kind = 'post' AND of_kind = 'post' AND f.target_id = of_id
      AND (EXISTS (SELECT FROM posts p WHERE p.id = of_id AND p.author_id = of_user_id)
           OR EXISTS (SELECT FROM comments c WHERE c.post_id = of_id AND c.author_id = of_user_id));
    IF NOT FOUND THEN
        DELETE FROM follows f
        WHERE f.user_id = of_user_id AND f.kind = of_kind AND f.target_id = of_id AND f.tag = of_tag;
    END IF;
END $$;
