-- Who may read a forum, and the one rule of who sees what in it: everything that shows a post or a comment asks here.

-- The user's role in a forum: owner, moderator, member, visitor or banned. Null if the user may not know that it exists.
-- As a SQL function it took twice the time: Postgres inlines none that reads a table, and prepares it anew for each statement.
CREATE OR REPLACE FUNCTION forum_role(forum_id uuid, user_id uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE
            WHEN EXISTS (SELECT FROM forum_bans b
                         WHERE b.forum_id = forum_role.forum_id AND b.user_id = forum_role.user_id
                           AND NOT b.shadow AND b.until > now())
                THEN CASE WHEN f.visibility <> 'private' THEN 'banned' END
            WHEN m.role IS NOT NULL THEN m.role
            WHEN f.visibility <> 'private' THEN 'visitor' END
        FROM forums f LEFT JOIN forum_members m ON m.forum_id = f.id AND m.user_id = forum_role.user_id
        WHERE f.id = forum_role.forum_id);
END $$;

CREATE OR REPLACE FUNCTION is_shadow_banned(forum_id uuid, user_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM forum_bans b
                   WHERE b.forum_id = is_shadow_banned.forum_id AND b.user_id = is_shadow_banned.user_id
                     AND b.shadow AND b.until > now());
END $$;

-- What is withheld is seen by its author and the moderators only. All that follows is built on this. The reader is null where
-- something is written for everybody, as events are.
CREATE OR REPLACE FUNCTION may_see(withheld text, author_id uuid, reader_id uuid, is_moderator boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE
    RETURN withheld IS NULL OR coalesce(is_moderator, false) OR coalesce(author_id = reader_id, false);

-- `role` is the reader's role in the forum, null without access to it.
CREATE OR REPLACE FUNCTION may_see_post(post posts, reader_id uuid, role text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN role IS NOT NULL AND may_see(post.withheld, post.author_id, reader_id, role IN ('owner', 'moderator'));

-- The reader is known to see the post. What is below a comment that the reader does not see is hidden with it. The index of
-- hidden comments has the withheld ancestors, so the depth of the tree does not matter.
CREATE OR REPLACE FUNCTION may_see_comment(comment comments, reader_id uuid, is_moderator boolean) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT may_see(comment.withheld, comment.author_id, reader_id, is_moderator) THEN
        RETURN false;
    ELSIF NOT comment.below_withheld OR is_moderator THEN
        RETURN true;
    END IF;
    RETURN NOT EXISTS (
        SELECT FROM comments above
        WHERE above.post_id = comment.post_id AND above.withheld IS NOT NULL AND above.id = ANY (comment.path)
          AND NOT may_see(above.withheld, above.author_id, reader_id, false));
END $$;

-- The reader's role in the forum of a post. Null if the post does not exist for the reader.
CREATE OR REPLACE FUNCTION role_at_post(post posts, reader_id uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    role text := forum_role(post.forum_id, reader_id);
BEGIN
    RETURN CASE WHEN may_see_post(post, reader_id, role) THEN role END;
END $$;

-- As role_at_post, for a comment.
CREATE OR REPLACE FUNCTION role_at_comment(comment comments, reader_id uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    role text := (SELECT role_at_post(p, reader_id) FROM posts p WHERE p.id = comment.post_id);
BEGIN
    RETURN CASE WHEN may_see_comment(comment, reader_id, role IN ('owner', 'moderator')) THEN role END;
END $$;

-- Whether a reader who sees a post or comment also reads its text, and does not see a tombstone, or something collapsed. The
-- text of a removed one is for its author and the moderators, that of a deleted one for nobody.
CREATE OR REPLACE FUNCTION may_read_text(
    deleted_at timestamptz, removed_at timestamptz, author_id uuid, reader_id uuid, is_moderator boolean, is_blocked boolean
) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN deleted_at IS NULL AND NOT is_blocked
       AND (removed_at IS NULL OR coalesce(is_moderator, false) OR coalesce(author_id = reader_id, false));

-- Whether a user may subscribe to the stream of a forum or of a post.
CREATE OR REPLACE FUNCTION may_follow(stream streams, user_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF stream.kind = 'forum' THEN
        RETURN forum_role(stream.id, user_id) IS NOT NULL;
    END IF;
    RETURN (SELECT role_at_post(p, user_id) IS NOT NULL FROM posts p WHERE p.id = stream.id);
END $$;

-- How many of the hidden comments under a post the reader finds in the tree. The caller has read `hidden_count` in
-- post_counts, and asks only where it is not 0.
CREATE OR REPLACE FUNCTION seen_hidden_comments(post_id uuid, hidden_count integer, reader_id uuid, is_moderator boolean)
RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF is_moderator THEN
        RETURN hidden_count;
    ELSIF NOT EXISTS (SELECT FROM comments c WHERE c.post_id = seen_hidden_comments.post_id AND c.author_id = reader_id
                                               AND c.withheld IS NOT NULL) THEN
        RETURN 0;
    END IF;
    RETURN (SELECT count(*) FROM comments c
            WHERE c.post_id = seen_hidden_comments.post_id AND (c.withheld IS NOT NULL OR c.below_withheld)
              AND c.pruned_at IS NULL AND may_see_comment(c, reader_id, false));
END $$;

-- As seen_hidden_comments, of the withheld replies to a comment or, if `parent_id` is that of the post, to the post.
CREATE OR REPLACE FUNCTION seen_withheld_replies(
    post_id uuid, parent_id uuid, withheld_count integer, reader_id uuid, is_moderator boolean
) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF is_moderator THEN
        RETURN withheld_count;
    END IF;
    RETURN (SELECT count(*) FROM comments c
            WHERE c.post_id = seen_withheld_replies.post_id AND c.author_id = reader_id AND c.withheld IS NOT NULL
              AND c.parent_id = seen_withheld_replies.parent_id AND c.pruned_at IS NULL);
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
