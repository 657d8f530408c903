-- Removals, bans, warnings, and the appeals against them.

-- Records a removal and upholds the open reports of the target. The caller has locked the streams of the forum and of the
-- post. A removed comment keeps its place; its text is deleted from the events, and is published again if the comment is
-- restored. For a post, remove_post() does that.
CREATE OR REPLACE FUNCTION record_removal(
    removal_id uuid, forum_id uuid, target_kind text, target_id uuid, author_id uuid, moderator_id uuid, reason text,
    with_ban boolean, now_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (id, forum_id, target_kind, target_id, author_id, removed_by, reason, with_ban, created_at)
    VALUES (removal_id, forum_id, target_kind, target_id, author_id, moderator_id, reason, with_ban, now_at);
    PERFORM resolve_case(c.id, moderator_id, 'remove', reason, now_at)
    FROM report_cases c WHERE c.target_id = record_removal.target_id AND c.resolved_at IS NULL;
    IF target_kind = 'comment' THEN
        UPDATE comments c SET removed_at = now_at WHERE c.id = record_removal.target_id;
        PERFORM redact_comment_events(target_id);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION lift_removal(target_kind text, target_id uuid, now_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE removals r SET lifted_at = now_at WHERE r.target_id = lift_removal.target_id AND r.lifted_at IS NULL;
    IF target_kind = 'comment' THEN
        UPDATE comments c SET removed_at = NULL WHERE c.id = lift_removal.target_id;
        PERFORM return_to_tree(lift_removal.target_id);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION ban_json(ban forum_bans) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object(
        'user', user_json(ban.user_id), 'until', CASE WHEN isfinite(ban.until) THEN rfc3339(ban.until) END,
        'shadow', ban.shadow, 'reason', ban.reason, 'created_by', user_json(ban.created_by),
        'created_at', rfc3339(ban.created_at));
END $$;

CREATE OR REPLACE FUNCTION warning_json(warning warnings) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object(
        'id', warning.id,
        'forum', (SELECT json_build_object('id', f.id, 'slug', f.slug) FROM forums f WHERE f.id = warning.forum_id),
        'user', user_json(warning.user_id), 'reason', warning.reason,
        'target', CASE WHEN warning.target_id IS NOT NULL
                  THEN json_build_object('kind', warning.target_kind, 'id', warning.target_id) END,
        'created_at', rfc3339(warning.created_at));
END $$;

-- An appeal, for the user who appealed and for the moderators, without the name of the moderator who acted.
CREATE OR REPLACE FUNCTION appeal_json(appeal appeals) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    removal removals;
BEGIN
    SELECT * INTO removal FROM removals r WHERE appeal.subject_kind = 'removal' AND r.id = appeal.subject_id;
    RETURN json_build_object(
        'id', appeal.id,
        'forum', (SELECT json_build_object('id', f.id, 'slug', f.slug) FROM forums f WHERE f.id = appeal.forum_id),
        'user', user_json(appeal.user_id),
        'against', json_build_object('kind', coalesce(removal.target_kind, 'forum'),
                                     'id', coalesce(removal.target_id, appeal.forum_id)),
        'target', target_json(removal.target_kind, removal.target_id),
        'reason', coalesce(removal.reason, (SELECT b.reason FROM forum_bans b WHERE b.id = appeal.subject_id), ''),
        'content', appeal.content, 'state', appeal.state, 'note', appeal.note, 'created_at', rfc3339(appeal.created_at),
        'decided_at', rfc3339(appeal.decided_at));
END $$;
