-- A message as the API shows it: history, lists, snapshots and events all use this.

-- What a reply quotes, null if the reader may not see it.
CREATE OR REPLACE FUNCTION quoted_message(parent_id uuid, conversation_id uuid, reader_id uuid) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT json_build_object('id', parent.id, 'seq', parent.seq, 'author_id', parent.author_id,
                                     'content', excerpt(parent.content, 200), 'deleted', parent.deleted_at IS NOT NULL)
            FROM messages parent
            WHERE parent.id = parent_id
              AND (reader_id IS NULL OR parent.seq > history_after(quoted_message.conversation_id, reader_id)));
END $$;

CREATE OR REPLACE FUNCTION my_reactions(message_id uuid, reader_id uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_agg(r.emoji ORDER BY r.created_at, r.emoji)
            FROM reactions r WHERE r.message_id = my_reactions.message_id AND r.user_id = my_reactions.reader_id);
END $$;

-- `my_reactions` is present if the reader has reacted; an event is the same for all its readers (`reader_id` null) and has none.
--
-- Postgres puts this into the statements that use it, and what it reads in tables is in functions of its own, else it could
-- not. Put together as text it takes half of the time of json_build_object().
CREATE OR REPLACE FUNCTION message_text(message messages, reader_id uuid) RETURNS text LANGUAGE sql STABLE
    RETURN concat(
        '{"id":"', message.id, '","conversation_id":"', message.conversation_id, '","seq":', message.seq,
        ',"author_id":"', message.author_id, '","content":', to_json(message.content),
        ',"content_html":', to_json(message.content_html), ',"created_at":"', rfc3339(message.created_at),
        '","reply_to":', coalesce('"' || message.reply_to || '"', 'null'), ',"quoted":', coalesce(
            CASE WHEN message.reply_to IS NOT NULL AND message.deleted_at IS NULL
                 THEN quoted_message(message.reply_to, message.conversation_id, reader_id) END, 'null'),
        ',"version":', message.version, ',"edited_at":', coalesce('"' || rfc3339(message.edited_at) || '"', 'null'),
        ',"deleted_at":', coalesce('"' || rfc3339(message.deleted_at) || '"', 'null'),
        ',"reply_count":', message.reply_count, ',"reactions":', message.reactions, ',"mentions":', to_json(message.mentions),
        ',"mentions_everyone":', coalesce('"' || message.mentions_everyone || '"', 'null'),
        ',"attachments":', CASE WHEN message.attachments = '[]' THEN '[]' ELSE attachments_json(message.attachments) END,
        ',"previews":', message.previews,
        ',"pinned_at":', coalesce('"' || rfc3339(message.pinned_at) || '"', 'null'),
        CASE WHEN reader_id IS NOT NULL AND message.reactions <> '{}'
             THEN ',"my_reactions":' || my_reactions(message.id, reader_id) END, '}');

CREATE OR REPLACE FUNCTION message_json(message messages, reader_id uuid) RETURNS json LANGUAGE sql STABLE
    RETURN message_text(message, reader_id)::json;

-- The message, in whatever month it is.
CREATE OR REPLACE FUNCTION message_by_id(message_id uuid) RETURNS SETOF messages
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY SELECT * FROM messages m WHERE m.id = message_id;
END $$;
