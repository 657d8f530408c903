-- Members of conversations.

-- Locks the conversation's stream until the transaction ends, and returns the user's membership as it is then, with what actions
-- need to know of the conversation. No row, and nothing locked, if the user is not a member.
CREATE OR REPLACE FUNCTION membership_for_update(conversation_id uuid, user_id uuid) RETURNS TABLE (
    role text, kind text, name text, history text, link_previews boolean, member_count integer
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM streams s
    JOIN conversation_members cm
        ON cm.conversation_id = s.id AND cm.user_id = membership_for_update.user_id
    WHERE s.id = membership_for_update.conversation_id AND s.kind = 'conv'
    FOR NO KEY UPDATE OF s;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT cm.role, c.kind, c.name, c.history, c.link_previews, c.member_count
    FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
    WHERE cm.conversation_id = membership_for_update.conversation_id AND cm.user_id = membership_for_update.user_id;
END $$;

-- Logs `member.added` and adds the member, who has read everything up to that event, and sees it if the group's `history` says
-- so. A conversation with more than `large_group` members becomes large and stays it. The caller has locked the stream.
-- `audience`: the members before.
CREATE OR REPLACE FUNCTION add_member(
    conversation_id uuid, user_id uuid, role text, payload jsonb, large_group integer, now_at timestamptz,
    OUT event jsonb, OUT audience uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    conversation conversations;
    new_seq      bigint;
    is_large     boolean;
BEGIN
    audience := ARRAY (SELECT cm.user_id FROM conversation_members cm WHERE cm.conversation_id = add_member.conversation_id);
    event := log_event('conv', conversation_id, 'member.added', payload, now_at);
    new_seq := event ->> 'seq';
    UPDATE conversations c SET member_count = c.member_count + 1 WHERE c.id = conversation_id RETURNING * INTO conversation;
    IF conversation.member_count > large_group THEN
        UPDATE conversation_members cm SET large = true WHERE cm.conversation_id = add_member.conversation_id AND NOT cm.large;
        is_large := true;
    ELSE
        is_large := EXISTS (SELECT FROM conversation_members cm
                            WHERE cm.conversation_id = add_member.conversation_id AND cm.large);
    END IF;
    INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large, active_at, last_read_seq, read_count,
                                      history_after)
    VALUES (conversation_id, user_id, role, now_at, is_large, now_at, new_seq, conversation.message_count,
            CASE WHEN conversation.history = 'from_joining' THEN new_seq ELSE 0 END);
END $$;

-- Takes a member out and logs `member.removed` for the others, and `conversation.left` in the user's stream, which is locked
-- last. The caller has locked the stream of the conversation. `audience`: those who remain.
CREATE OR REPLACE FUNCTION remove_member(
    conversation_id uuid, user_id uuid, now_at timestamptz, OUT logged jsonb, OUT audience uuid[]
) LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM conversation_members cm
    WHERE cm.conversation_id = remove_member.conversation_id AND cm.user_id = remove_member.user_id;
    UPDATE conversations c SET member_count = c.member_count - 1 WHERE c.id = conversation_id;
    audience := ARRAY (SELECT cm.user_id FROM conversation_members cm WHERE cm.conversation_id = remove_member.conversation_id);
    logged := jsonb_build_array(
        log_event('conv', conversation_id, 'member.removed', jsonb_build_object('user_id', user_id), now_at),
        log_event('user', user_id, 'conversation.left', jsonb_build_object('conversation_id', conversation_id), now_at)
            || jsonb_build_object('audience', jsonb_build_array(user_id)));
END $$;
