-- A post or comment that a report or a removal is about. No row if it does not exist for the reader.
CREATE OR REPLACE FUNCTION target_row(target_kind text, target_id uuid, reader_id uuid) RETURNS TABLE (
    kind text, id uuid, post_id uuid, forum_id uuid, author_id uuid, withheld text, below_withheld boolean,
    deleted_at timestamptz, removed_at timestamptz, author_role text
) LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF target_kind = 'post' THEN
        RETURN QUERY
        SELECT target_kind, p.id, p.id, p.forum_id, p.author_id, p.withheld, false, p.deleted_at, p.removed_at, m.role
        FROM posts p
        LEFT JOIN forum_members m ON m.forum_id = p.forum_id AND m.user_id = p.author_id
        WHERE p.id = target_id AND role_at_post(p, reader_id) IS NOT NULL;
    ELSE
        RETURN QUERY
        SELECT target_kind, c.id, c.post_id, p.forum_id, c.author_id, c.withheld, c.below_withheld, c.deleted_at, c.removed_at,
               m.role
        FROM comments c
        JOIN posts p ON p.id = c.post_id
        LEFT JOIN forum_members m ON m.forum_id = p.forum_id AND m.user_id = c.author_id
        WHERE c.id = target_id AND role_at_comment(c, reader_id) IS NOT NULL;
    END IF;
END $$;
