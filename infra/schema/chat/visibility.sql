-- Which messages of a conversation a member may see.

-- A member may see the messages and events whose number is above this one. Null for a user who is not a member, so that a
-- comparison with it finds nothing. Every statement that reads messages for a member uses it; as a bound of `seq` it is also
-- where the scan of an index ends.
CREATE OR REPLACE FUNCTION history_after(conversation_id uuid, reader_id uuid) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT cm.history_after FROM conversation_members cm
            WHERE cm.conversation_id = history_after.conversation_id AND cm.user_id = reader_id);
END $$;

-- The members who do not see the whole history, {user id: history_after}; null if there are none. An event that shows an
-- older message is pushed to them without it.
CREATE OR REPLACE FUNCTION history_limits(conversation_id uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_object_agg(cm.user_id, cm.history_after) FROM conversation_members cm
            WHERE cm.conversation_id = history_limits.conversation_id AND cm.history_after > 0);
END $$;
