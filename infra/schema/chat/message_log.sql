-- The text of messages in the log of events.

-- The payload of an event with the text that the message `changed` has now, as the event's own message, as the one that it
-- quotes or as the last one of the conversation. A deleted message has no text, no quote, no attachments and no previews. Fields that
-- are not text, such as `version`, stay as they were at the event.
CREATE OR REPLACE FUNCTION with_current_text(payload jsonb, changed messages) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    fields  text[] := '{content,content_html,mentions,mentions_everyone,attachments,previews}';
    path    text;
    message jsonb;
    current jsonb;
BEGIN
    IF changed.deleted_at IS NOT NULL THEN
        fields := fields || '{quoted,deleted_at}'::text[];
    END IF;
    SELECT jsonb_object_agg(field.key, field.value) INTO current
    FROM jsonb_each(message_json(changed, NULL)::jsonb) AS field WHERE field.key = ANY (fields);
    FOREACH path IN ARRAY ARRAY['{message}', '{last_message}', '{conversation,last_message}'] LOOP
        message := payload #> path::text[];
        IF message ->> 'id' = changed.id::text THEN
            payload := jsonb_set(payload, path::text[], message || current);
        ELSIF message -> 'quoted' ->> 'id' = changed.id::text THEN
            payload := jsonb_set(payload, path::text[], jsonb_set(message, '{quoted}', message -> 'quoted'
                || jsonb_build_object('content', excerpt(changed.content, 200), 'deleted', changed.deleted_at IS NOT NULL)));
        END IF;
    END LOOP;
    RETURN payload;
END $$;

-- Gives every event that contains the text of a message its current text: the message's own events, those of its replies,
-- `conversation.joined`, and `message.deleted` of the message after it. Finds them by keys, however long the log is, and in the
-- months since the message; a day more, for clocks that differ.
CREATE OR REPLACE FUNCTION update_text_in_log(message_id uuid) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    changed messages;
    since   timestamptz;
    until   timestamptz := now() + interval '1 day';
    seqs    bigint[];
    ids     text[];
BEGIN
    SELECT * INTO changed FROM message_by_id(message_id);
    since := changed.created_at - interval '1 day';
    SELECT changed.seq || array_agg(m.seq), changed.id::text || array_agg(m.id::text) INTO seqs, ids
    FROM newer_messages(changed.conversation_id, changed.seq, changed.reply_count, message_id) AS m;
    UPDATE events e SET payload = with_current_text(e.payload, changed)
    WHERE e.stream_id = changed.conversation_id AND e.type = 'message.created' AND e.seq = ANY (seqs)
      AND e.created_at >= since AND e.created_at < until;
    UPDATE events e SET payload = with_current_text(e.payload, changed)
    WHERE e.type IN ('message.updated', 'message.deleted', 'conversation.joined')
      AND coalesce(e.payload -> 'last_message' ->> 'id', e.payload -> 'message' ->> 'id',
                   e.payload -> 'conversation' -> 'last_message' ->> 'id') = ANY (ids)
      AND e.created_at >= since AND e.created_at < until;
END $$;
