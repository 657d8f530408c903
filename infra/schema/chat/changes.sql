-- How a message is changed after it was sent. Each function reads it by its id, with plans that are kept (see history.sql).

-- A message as a member sees it, and what decides what the member may do with it. No row, and nothing locked, if the reader is
-- no member or may not see the message. `for_update`: with the stream of the conversation locked until the transaction ends;
-- VOLATILE, because what is read after the lock needs a snapshot of its own.
--
-- `etag` changes with all that decides on an edit or a deletion. They take the `etag` of what was decided on and write only if
-- it is still the same under the lock, which is then held for one statement only.
CREATE OR REPLACE FUNCTION message_access(message_id uuid, reader_id uuid, for_update boolean) RETURNS TABLE (
    message json, role text, is_direct boolean, is_blocked boolean, etag text
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF for_update THEN
        PERFORM FROM messages m
        JOIN conversation_members cm ON cm.conversation_id = m.conversation_id AND cm.user_id = reader_id
        JOIN streams s ON s.id = m.conversation_id
        WHERE m.id = message_id
        FOR NO KEY UPDATE OF s;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
    SELECT message_json(m, reader_id), cm.role, c.kind = 'direct', block.exists,
           md5(ROW(m.content, m.version, m.deleted_at, cm.role, block.exists)::text)
    FROM messages m
    JOIN conversations c ON c.id = m.conversation_id
    JOIN conversation_members cm ON cm.conversation_id = c.id AND cm.user_id = reader_id
    CROSS JOIN is_blocked(c.id, reader_id) AS block (exists)
    WHERE m.id = message_id AND m.seq > history_after(c.id, reader_id);
END $$;

-- Logs an event of a conversation, whose stream the caller has locked, and returns who gets it.
CREATE OR REPLACE FUNCTION log_message_event(
    conversation_id uuid, type text, payload jsonb, now_at timestamptz,
    OUT seq bigint, OUT audience uuid[], OUT history_limits jsonb
) LANGUAGE plpgsql AS $$
BEGIN
    seq := log_event('conv', conversation_id, type, payload, now_at) ->> 'seq';
    audience := ARRAY (
        SELECT cm.user_id FROM conversation_members cm WHERE cm.conversation_id = log_message_event.conversation_id);
    history_limits := history_limits(conversation_id);
END $$;

-- Keeps the version before, and gives earlier events the new content. `payload` is that of the event; null if nothing was
-- written, because the `etag` is another one by now. `attachments`: the same as before, with alt texts that may be others.
CREATE OR REPLACE FUNCTION edit_message(
    message_id uuid, conversation_id uuid, editor_id uuid, etag text, content text, content_html text, names text[],
    broadcast text, attachments jsonb, now_at timestamptz,
    OUT payload jsonb, OUT seq bigint, OUT audience uuid[], OUT history_limits jsonb
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM FROM streams s WHERE s.id = conversation_id FOR NO KEY UPDATE;
    IF etag IS DISTINCT FROM (SELECT a.etag FROM message_access(message_id, editor_id, false) a) THEN
        RETURN;
    END IF;
    INSERT INTO message_versions (message_id, version, content, edited_at)
    SELECT m.id, m.version, m.content, now_at FROM messages m WHERE m.id = edit_message.message_id;
    UPDATE messages m
    SET content = edit_message.content, content_html = edit_message.content_html, version = m.version + 1,
        edited_at = now_at, mentions_everyone = broadcast, attachments = edit_message.attachments,
        previews = CASE WHEN m.content_html = edit_message.content_html THEN m.previews ELSE '[]' END,
        mentions = mentioned_members(m.conversation_id, m.author_id, names)
    WHERE m.id = edit_message.message_id
    RETURNING jsonb_build_object('message', message_json(m, NULL)) INTO payload;
    PERFORM update_text_in_log(message_id);
    SELECT * INTO seq, audience, history_limits FROM log_message_event(conversation_id, 'message.updated', payload, now_at);
END $$;

-- Deletes the content of a message that is not deleted yet, its attachments and reactions. The row stays, as a tombstone.
-- Returns as edit_message() does.
CREATE OR REPLACE FUNCTION delete_message(
    message_id uuid, conversation_id uuid, caller_id uuid, etag text, now_at timestamptz,
    OUT payload jsonb, OUT seq bigint, OUT audience uuid[], OUT history_limits jsonb
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    uncounted record;
BEGIN
    PERFORM FROM streams s WHERE s.id = conversation_id FOR NO KEY UPDATE;
    IF etag IS DISTINCT FROM (SELECT a.etag FROM message_access(message_id, caller_id, false) a) THEN
        RETURN;
    END IF;
    DELETE FROM reactions r WHERE r.message_id = delete_message.message_id;
    DELETE FROM pending_reactions p WHERE p.message_id = delete_message.message_id;
    UPDATE messages m
    SET content = '', content_html = '', deleted_at = now_at, mentions = '{}', mentions_everyone = NULL, attachments = '[]',
        previews = '[]', reactions = '{}', pinned_at = NULL, pinned_by = NULL
    WHERE m.id = delete_message.message_id
    RETURNING jsonb_build_object('message', message_json(m, NULL)) INTO payload;
    SELECT * INTO uncounted FROM uncount_message(message_id);
    PERFORM update_text_in_log(message_id);
    IF uncounted.is_last THEN
        payload := payload || jsonb_build_object('last_message', uncounted.last_message);
    END IF;
    SELECT * INTO seq, audience, history_limits FROM log_message_event(conversation_id, 'message.deleted', payload, now_at);
END $$;

-- Logs the stored changes of the reactions to a message in one event, and deletes them. The caller has locked the stream.
-- Everything is null if there are none.
CREATE OR REPLACE FUNCTION publish_reactions(
    message_id uuid, now_at timestamptz,
    OUT conversation_id uuid, OUT payload jsonb, OUT seq bigint, OUT audience uuid[], OUT history_limits jsonb
) LANGUAGE plpgsql AS $$
DECLARE
    changes jsonb;
BEGIN
    WITH pending AS (
        DELETE FROM pending_reactions p WHERE p.message_id = publish_reactions.message_id
        RETURNING p.user_id, p.emoji, p.added, p.created_at
    )
    SELECT jsonb_agg(jsonb_build_object('user_id', p.user_id, 'emoji', p.emoji, 'added', p.added) ORDER BY p.created_at)
    INTO changes FROM pending p;
    IF changes IS NULL THEN
        RETURN;
    END IF;
    UPDATE messages m SET reactions_published_at = clock_timestamp() WHERE m.id = publish_reactions.message_id
    RETURNING m.conversation_id, jsonb_build_object('message_id', m.id, 'message_seq', m.seq, 'reactions', m.reactions,
                                                    'changes', changes)
    INTO conversation_id, payload;
    SELECT * INTO seq, audience, history_limits FROM log_message_event(conversation_id, 'message.reacted', payload, now_at);
END $$;

-- Adds a reaction or removes it, updates the counts, and stores the change for the next event. The caller has locked the stream
-- and checked that this is a change. If the last event is at least `window_seconds` ago, the change is published at once, and
-- the event is returned as by publish_reactions(). `must_schedule`: it is not, and a job has to publish it; false if one is on
-- its way, which counts as lost after `job_timeout_seconds`.
CREATE OR REPLACE FUNCTION change_reaction(
    message_id uuid, user_id uuid, emoji text, added boolean, window_seconds integer, job_timeout_seconds integer,
    now_at timestamptz,
    OUT reactions jsonb, OUT must_schedule boolean, OUT conversation_id uuid, OUT payload jsonb, OUT seq bigint,
    OUT audience uuid[], OUT history_limits jsonb
) LANGUAGE plpgsql AS $$
DECLARE
    waiting_since timestamptz := (SELECT min(p.created_at) FROM pending_reactions p
                                  WHERE p.message_id = change_reaction.message_id);
    is_recent     boolean;
    is_scheduled  boolean;
BEGIN
    IF added THEN
        INSERT INTO reactions (message_id, user_id, emoji, created_at) VALUES (message_id, user_id, emoji, clock_timestamp());
    ELSE
        DELETE FROM reactions r
        WHERE r.message_id = change_reaction.message_id AND r.user_id = change_reaction.user_id
          AND r.emoji = change_reaction.emoji;
    END IF;
    INSERT INTO pending_reactions (message_id, user_id, emoji, added, created_at)
    VALUES (message_id, user_id, emoji, added, clock_timestamp())
    ON CONFLICT ON CONSTRAINT pending_reactions_pkey DO UPDATE SET added = excluded.added;
    UPDATE messages m
    SET reactions = CASE
        WHEN change_reaction.added THEN m.reactions || jsonb_build_object(change_reaction.emoji, counted.number + 1)
        WHEN counted.number > 1 THEN m.reactions || jsonb_build_object(change_reaction.emoji, counted.number - 1)
        ELSE m.reactions - change_reaction.emoji END
    FROM (SELECT coalesce((b.reactions ->> change_reaction.emoji)::integer, 0) AS number
          FROM messages b WHERE b.id = change_reaction.message_id) AS counted
    WHERE m.id = change_reaction.message_id
    RETURNING m.reactions, coalesce(clock_timestamp() - m.reactions_published_at < make_interval(secs => window_seconds), false)
    INTO reactions, is_recent;
    is_scheduled := coalesce(clock_timestamp() - waiting_since < make_interval(secs => job_timeout_seconds), false);
    must_schedule := is_recent AND NOT is_scheduled;
    IF NOT is_recent AND NOT is_scheduled THEN
        SELECT * INTO conversation_id, payload, seq, audience, history_limits FROM publish_reactions(message_id, now_at);
    END IF;
END $$;
