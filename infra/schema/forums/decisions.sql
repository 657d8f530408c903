-- What the code in Python decides on before it writes in a forum, in one row and one round trip.
--
-- `etag` changes with everything else in the row. A function that writes takes the `etag` of what was decided on, locks the
-- streams, and writes only if it is still the same: so a decision holds as if it had been made under the lock, and the lock is
-- held for one statement only. With `for_update` the streams are locked here, until the transaction ends, for actions of
-- several statements.
--
-- `with_filters`: with the forum's filters, from which owner and moderators are exempt.
--
-- VOLATILE, because what is read after the lock needs a snapshot of its own.

-- A user's access to a forum: no row, and nothing locked, if the user may not know that it exists.
CREATE OR REPLACE FUNCTION forum_access(forum_id uuid, user_id uuid, with_filters boolean, for_update boolean) RETURNS TABLE (
    id uuid, slug text, role text, visibility text, posting text, slow_mode_seconds integer, tags text[], tag_required boolean,
    shadowed boolean, filter_words text[], filter_domains text[], filter_action text, etag text
) LANGUAGE plpgsql AS $$
BEGIN
    IF for_update AND forum_role(forum_id, user_id) IS NOT NULL THEN
        PERFORM FROM streams s WHERE s.id = forum_id FOR NO KEY UPDATE;
    END IF;
    RETURN QUERY
    SELECT access.*, md5(access::text)
    FROM (
        SELECT f.id, f.slug, reader_role, f.visibility, f.posting, f.slow_mode_seconds, f.tags, f.tag_required,
               is_shadow_banned(f.id, forum_access.user_id), w.words, w.domains, w.action
        FROM forums f
        CROSS JOIN forum_role(f.id, forum_access.user_id) AS reader_role
        LEFT JOIN forum_filters w
            ON w.forum_id = f.id AND with_filters AND reader_role NOT IN ('owner', 'moderator')
        WHERE f.id = forum_access.forum_id AND reader_role IS NOT NULL
        OFFSET 0 -- or each of the functions is called twice
    ) AS access;
END $$;

-- A post with the reader's access to its forum: no row, and nothing locked, if the post does not exist for the reader. To its
-- author it does, also without access to the forum; then `reads` is false. `writer_id`: the author of the comment under it that
-- the request is about; null if it is about the post.
--
-- `locks`: `post` or `forum`, which is the forum's stream and then the post's; null locks nothing. `reaches_own`: whether the
-- route lets authors change what they can no longer read. `is_elsewhere`: the post was moved to another forum before the lock.
CREATE OR REPLACE FUNCTION post_access(
    post_id uuid, reader_id uuid, writer_id uuid, with_filters boolean, locks text, reaches_own boolean
) RETURNS TABLE (
    id uuid, forum_id uuid, author_id uuid, author_role text, is_moved boolean, title text, body text, tags text[], attachments jsonb,
    version integer, accepted_comment_id uuid, withheld text, created_at timestamptz, deleted_at timestamptz,
    removed_at timestamptz, pinned_at timestamptz, locked_at timestamptz, readable boolean,
    slug text, role text, visibility text, posting text, slow_mode_seconds integer, forum_tags text[], tag_required boolean,
    shadowed boolean, reads boolean, filter_words text[], filter_domains text[], filter_action text, is_elsewhere boolean,
    etag text
) LANGUAGE plpgsql AS $$
DECLARE
    is_writer boolean := coalesce(writer_id, (SELECT p.author_id FROM posts p WHERE p.id = post_id)) = reader_id;
BEGIN
    IF locks IS NOT NULL THEN
        is_elsewhere := NOT select_post_for_update(post_id, reader_id, locks = 'forum', reaches_own AND is_writer);
        IF is_elsewhere IS NULL THEN
            RETURN;
        ELSIF is_elsewhere THEN
            RETURN NEXT;
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
    SELECT access.*, md5(access::text)
    FROM (
        SELECT p.id, p.forum_id, p.author_id, m.role AS author_role, p.moved_from <> '{}', p.title, p.body, p.tags, p.attachments, p.version,
               p.accepted_comment_id, p.withheld, p.created_at, p.deleted_at, p.removed_at, p.pinned_at, p.locked_at,
               may_read_text(p.deleted_at, p.removed_at, p.author_id, reader_id, reader_role IN ('owner', 'moderator'),
                             has_blocked(reader_id, p.author_id)),
               f.slug, coalesce(reader_role, 'banned'), f.visibility, f.posting, f.slow_mode_seconds, f.tags, f.tag_required,
               reader_role IS NOT NULL AND is_shadow_banned(f.id, reader_id), reader_role IS NOT NULL,
               w.words, w.domains, w.action, false
        FROM posts p
        JOIN forums f ON f.id = p.forum_id
        CROSS JOIN forum_role(p.forum_id, reader_id) AS reader_role
        LEFT JOIN forum_members m ON m.forum_id = p.forum_id AND m.user_id = p.author_id
        LEFT JOIN forum_filters w
            ON w.forum_id = f.id AND with_filters AND coalesce(reader_role, '') NOT IN ('owner', 'moderator')
        WHERE p.id = post_access.post_id
          AND (may_see_post(p, reader_id, reader_role) OR (is_writer AND reader_role IS NULL))
        OFFSET 0
    ) AS access;
END $$;

-- A comment that the reader sees, or wrote: no row otherwise. post_access() is asked for the rest in the same statement.
CREATE OR REPLACE FUNCTION comment_access(comment_id uuid, reader_id uuid) RETURNS TABLE (
    id uuid, post_id uuid, parent_id uuid, author_id uuid, body text, attachments jsonb, version integer, withheld text, below_withheld boolean,
    deleted_at timestamptz, removed_at timestamptz, etag text
) LANGUAGE plpgsql AS $$
BEGIN RETURN QUERY
    SELECT access.*, md5(access::text)
    FROM (
        SELECT c.id, c.post_id, c.parent_id, c.author_id, c.body, c.attachments, c.version, c.withheld, c.below_withheld,
               c.deleted_at, c.removed_at
        FROM comments c
        WHERE c.id = comment_access.comment_id
          AND (role_at_comment(c, reader_id) IS NOT NULL
               OR (c.author_id = reader_id
                   AND forum_role((SELECT p.forum_id FROM posts p WHERE p.id = c.post_id), reader_id) IS NULL))
    ) AS access;
END $$;
