-- Who may read a forum, and who sees what is withheld from others.

-- The user's role in a forum: owner, moderator, member, visitor or banned. Null if the user may not know that it exists.
CREATE OR REPLACE FUNCTION forum_role(forum_id uuid, user_id uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM forum_bans b
                     WHERE b.forum_id = forum_role.forum_id AND b.user_id = forum_role.user_id
                       AND NOT b.shadow AND b.until > now())
            THEN CASE WHEN f.visibility <> 'private' THEN 'banned' END
        WHEN m.role IS NOT NULL THEN m.role
        WHEN f.visibility <> 'private' THEN 'visitor' END
    FROM forums f LEFT JOIN forum_members m ON m.forum_id = f.id AND m.user_id = forum_role.user_id
    WHERE f.id = forum_role.forum_id
$$;

CREATE OR REPLACE FUNCTION is_shadow_banned(forum_id uuid, user_id uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM forum_bans b
                   WHERE b.forum_id = is_shadow_banned.forum_id AND b.user_id = is_shadow_banned.user_id
                     AND b.shadow AND b.until > now())
$$;

-- Whether a reader, whose role in the forum is `role`, sees what is withheld from others and was written by `author_id`.
CREATE OR REPLACE FUNCTION sees_withheld(author_id uuid, reader_id uuid, role text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN author_id = reader_id OR role IN ('owner', 'moderator');

-- Whether a user may subscribe to the stream of a forum or of a post.
CREATE OR REPLACE FUNCTION may_follow(stream streams, user_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    post posts;
    role text;
BEGIN
    IF stream.kind = 'forum' THEN
        RETURN forum_role(stream.id, user_id) IS NOT NULL;
    END IF;
    SELECT * INTO post FROM posts p WHERE p.id = stream.id;
    role := forum_role(post.forum_id, user_id);
    RETURN role IS NOT NULL AND (post.withheld IS NULL OR sees_withheld(post.author_id, user_id, role));
END $$;

-- Why a post or comment is withheld, as a reader is shown it: moderators see each reason, its author only that it waits for
-- approval, since a shadow ban stays hidden from the banned user.
CREATE OR REPLACE FUNCTION withheld_mark(withheld text, is_author boolean, is_moderator boolean) RETURNS text
LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN is_moderator OR (coalesce(is_author, false) AND withheld = 'approval') THEN withheld END;

CREATE OR REPLACE FUNCTION removal_reason(target_id uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT r.reason FROM removals r WHERE r.target_id = removal_reason.target_id AND r.lifted_at IS NULL);
END $$;
