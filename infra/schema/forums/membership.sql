-- How users become members of a forum and cease to be. The caller has locked the forum's stream; the user's is locked here, last.

-- Adds a member and logs `forum.joined` in the user's stream: returns what log_event() returns. An open request of the user is
-- accepted with it.
CREATE OR REPLACE FUNCTION insert_forum_member(forum_id uuid, user_id uuid, role text, now_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE forums f SET member_count = f.member_count + 1 WHERE f.id = forum_id;
    UPDATE membership_requests r SET state = 'accepted', decided_at = now_at
    WHERE r.forum_id = insert_forum_member.forum_id AND r.user_id = insert_forum_member.user_id AND r.state = 'open';
    INSERT INTO forum_members (forum_id, user_id, role, joined_at) VALUES (forum_id, user_id, role, now_at);
    RETURN log_event('user', user_id, 'forum.joined', jsonb_build_object(
        'forum', (SELECT forum_json(f, insert_forum_member.user_id) FROM forums f WHERE f.id = forum_id)), now_at);
END $$;

-- Takes a member out and logs `forum.left` in the user's stream.
CREATE OR REPLACE FUNCTION delete_forum_member(forum_id uuid, user_id uuid, now_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM forum_members m
    WHERE m.forum_id = delete_forum_member.forum_id AND m.user_id = delete_forum_member.user_id;
    IF FOUND THEN
        UPDATE forums f SET member_count = f.member_count - 1 WHERE f.id = forum_id;
    END IF;
    RETURN log_event('user', user_id, 'forum.left', jsonb_build_object('forum_id', forum_id), now_at);
END $$;

-- The user becomes a member by themselves, if forum_access() still has this `etag`; otherwise everything is null. `result_json`:
-- the forum, as the user sees it.
CREATE OR REPLACE FUNCTION join_forum(
    forum_id uuid, user_id uuid, etag text, now_at timestamptz,
    OUT result_json text, OUT logged jsonb, OUT audience uuid[]
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM streams s WHERE s.id = forum_id FOR NO KEY UPDATE;
    IF etag IS DISTINCT FROM (SELECT a.etag FROM forum_access(forum_id, user_id, false, false) a) THEN
        RETURN;
    END IF;
    logged := jsonb_build_array(insert_forum_member(forum_id, user_id, 'member', now_at));
    audience := ARRAY[user_id];
    result_json := logged #> '{0,data,forum}';
END $$;
