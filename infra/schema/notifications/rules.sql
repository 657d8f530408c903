-- Who is notified of what. What a user may see is decided by the rules of conversations and forums.

-- How much of a conversation a member wants to hear: a mute is 'nothing'. By default all of a direct conversation, of a group what
-- names the member.
CREATE OR REPLACE FUNCTION conversation_level(conversation_id uuid, user_id uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN cm.muted_until > now() THEN 'nothing'
                    ELSE coalesce(nullif(f.level, 'nothing'), CASE c.kind WHEN 'direct' THEN 'everything' ELSE 'mentions' END) END
        FROM conversation_members cm
        JOIN conversations c ON c.id = cm.conversation_id
        LEFT JOIN follows f ON f.user_id = cm.user_id AND f.kind = 'conversation' AND f.target_id = c.id AND f.tag = ''
        WHERE cm.conversation_id = conversation_level.conversation_id AND cm.user_id = conversation_level.user_id);
END $$;

-- Of a forum or, where `post_id` is there, of a post in it: what the user chose for the post counts before what they chose for the
-- forum, and that before what they follow by writing.
CREATE OR REPLACE FUNCTION forum_level(forum_id uuid, post_id uuid, user_id uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    of_forum text;
    of_post  follows;
BEGIN
    SELECT f.level INTO of_forum FROM follows f
    WHERE f.user_id = forum_level.user_id AND f.kind = 'forum' AND f.target_id = forum_id AND f.tag = '';
    IF post_id IS NOT NULL THEN
        SELECT * INTO of_post FROM follows f
        WHERE f.user_id = forum_level.user_id AND f.kind = 'post' AND f.target_id = post_id AND f.tag = '';
        IF NOT of_post.is_automatic OR (of_post.level IS NOT NULL AND of_forum IS DISTINCT FROM 'nothing') THEN
            RETURN of_post.level;
        END IF;
        RETURN CASE WHEN of_forum = 'nothing' THEN 'nothing' ELSE 'mentions' END;
    END IF;
    RETURN coalesce(of_forum, 'mentions');
END $$;

-- Whether a user may see now what a notification is about. `text_kind` is null where that depends on nothing. What is withheld
-- notifies nobody, not even the moderators, who see it.
CREATE OR REPLACE FUNCTION may_see_source(text_kind text, text_id uuid, user_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN CASE text_kind
        WHEN 'message' THEN EXISTS (
            SELECT FROM message_by_id(text_id) AS m
            WHERE m.deleted_at IS NULL AND m.seq > history_after(m.conversation_id, may_see_source.user_id))
        WHEN 'forum' THEN forum_role(text_id, may_see_source.user_id) IS NOT NULL
        WHEN 'conversation' THEN EXISTS (
            SELECT FROM conversation_members cm WHERE cm.conversation_id = text_id AND cm.user_id = may_see_source.user_id)
        WHEN 'post' THEN EXISTS (
            SELECT FROM posts p CROSS JOIN LATERAL role_at_post(p, may_see_source.user_id) AS role
            WHERE p.id = text_id AND role IS NOT NULL AND p.withheld IS NULL
              AND may_read_text(p.deleted_at, p.removed_at, p.author_id, may_see_source.user_id,
                                role IN ('owner', 'moderator'), false))
        WHEN 'comment' THEN EXISTS (
            SELECT FROM comments c JOIN posts p ON p.id = c.post_id
            CROSS JOIN LATERAL role_at_comment(c, may_see_source.user_id) AS role
            WHERE c.id = text_id AND role IS NOT NULL AND p.deleted_at IS NULL AND p.removed_at IS NULL
              AND p.withheld IS NULL AND c.withheld IS NULL AND NOT c.below_withheld
              AND may_read_text(c.deleted_at, c.removed_at, c.author_id, may_see_source.user_id,
                                role IN ('owner', 'moderator'), false))
        ELSE true END;
END $$;

-- 'make', 'silence' (the user does not want it, now or later), or 'ignore' (they have read it, or may not see it). The caller has
-- locked the user's counter.
CREATE OR REPLACE FUNCTION verdict_on(candidate notification_candidate) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    level text;
BEGIN
    IF candidate.actor_id IS NOT NULL AND is_block_between(candidate.user_id, candidate.actor_id) THEN
        RETURN 'silence';
    ELSIF candidate.created_at < now() - notifications_kept() THEN
        RETURN 'ignore';
    ELSIF NOT may_see_source(candidate.text_kind, candidate.text_id, candidate.user_id) THEN
        RETURN 'ignore';
    ELSIF candidate.place_seq IS NOT NULL AND EXISTS (
            SELECT FROM conversation_members cm
            WHERE cm.conversation_id = candidate.place_id AND cm.user_id = candidate.user_id
              AND (cm.last_read_seq >= candidate.place_seq OR cm.joined_at > candidate.created_at)) THEN
        RETURN 'ignore';
    ELSIF EXISTS (SELECT FROM notification_preferences p
                  WHERE p.user_id = candidate.user_id AND candidate.kind = ANY (p.silenced)) THEN
        RETURN 'silence';
    ELSIF candidate.needs IS NULL THEN
        RETURN 'make';
    END IF;
    level := CASE candidate.place_kind
        WHEN 'conversation' THEN conversation_level(candidate.place_id, candidate.user_id)
        ELSE forum_level(candidate.place_id,
                         CASE candidate.text_kind WHEN 'comment' THEN candidate.context_id WHEN 'post' THEN candidate.text_id END,
                         candidate.user_id) END;
    RETURN CASE WHEN level = 'everything' OR level = candidate.needs THEN 'make' ELSE 'silence' END;
END $$;
