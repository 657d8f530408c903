-- Who may see which upload: those who may see something that uses it, by the rule of the room that has that. What is shown to
-- everybody has a public purpose, and its objects need no signature.

-- Whether a reader sees what uses an upload, with its text.
CREATE OR REPLACE FUNCTION may_see_use(use upload_uses, viewer_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    CASE use.kind
    WHEN 'message' THEN
        RETURN EXISTS (
            SELECT FROM message_by_id(use.used_by) m
            WHERE m.deleted_at IS NULL AND m.seq > history_after(m.conversation_id, viewer_id));
    WHEN 'post' THEN
        RETURN EXISTS (
            SELECT FROM posts p
            CROSS JOIN LATERAL (SELECT role_at_post(p, viewer_id) AS role OFFSET 0) AS reader
            WHERE p.id = use.used_by AND reader.role IS NOT NULL
              AND may_read_text(p.deleted_at, p.removed_at, p.author_id, viewer_id, reader.role IN ('owner', 'moderator'),
                                has_blocked(viewer_id, p.author_id)));
    WHEN 'comment' THEN
        RETURN EXISTS (
            SELECT FROM comments c
            CROSS JOIN LATERAL (SELECT role_at_comment(c, viewer_id) AS role OFFSET 0) AS reader
            WHERE c.id = use.used_by AND reader.role IS NOT NULL
              AND may_read_text(c.deleted_at, c.removed_at, c.author_id, viewer_id, reader.role IN ('owner', 'moderator'),
                                has_blocked(viewer_id, c.author_id)));
    ELSE
        RETURN use.kind IN ('avatar', 'forum_icon', 'forum_banner', 'emoji', 'preview');
    END CASE;
END $$;

-- Those of the uploads that a viewer may see: the viewer's own, and those that something uses that the viewer sees. What is
-- deleted nobody sees.
CREATE OR REPLACE FUNCTION visible_uploads(viewer_id uuid, ids uuid[]) RETURNS SETOF uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT u.id FROM uploads u
    WHERE u.id = ANY (ids) AND u.deleted_at IS NULL
      AND (u.user_id = viewer_id OR EXISTS (
          SELECT FROM upload_uses s WHERE s.upload_id = u.id AND may_see_use(s, viewer_id)));
END $$;

CREATE OR REPLACE FUNCTION may_see_upload(viewer_id uuid, upload_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM visible_uploads(viewer_id, ARRAY[upload_id]));
END $$;
