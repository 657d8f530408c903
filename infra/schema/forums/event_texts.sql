-- The events of a post or a comment carry its text as it is now: a member who catches up gets nothing that was edited away.
--
-- What was deleted, removed, or moved out of sight has no text in its events and gets none here. Of a text that was edited very
-- often only the first event and the last ones in each stream keep it, so that an edit rewrites few rows. It reads the months
-- since the text was written; a day more, for clocks that differ.

-- The events that have the text of a post or a comment. The indexes events_of_posts and events_of_comments find them.
CREATE OR REPLACE VIEW text_events AS
SELECT e.stream_id, e.seq, e.created_at, e.type, 'post' AS kind, e.payload -> 'post' ->> 'id' AS id
FROM events e
WHERE e.type IN ('post.created', 'post.updated', 'post.moved', 'post.restored') AND e.payload -> 'post' ->> 'title' <> ''
UNION ALL
SELECT e.stream_id, e.seq, e.created_at, e.type, 'comment', e.payload -> 'comment' ->> 'id'
FROM events e
WHERE e.type IN ('comment.created', 'comment.updated') AND e.payload -> 'comment' ->> 'body' <> '';

-- What an event without its text says of a post or a comment.
CREATE OR REPLACE FUNCTION empty_text(kind text) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN '{"body": "", "body_html": "", "mentions": [], "mentions_everyone": null, "attachments": [], "previews": []}'::jsonb
        || CASE WHEN kind = 'post' THEN '{"title": "", "url": null, "tags": [], "poll": null}'::jsonb ELSE '{}' END;

-- `texts`: fields that an event without text has too, empty; `others`: those that each event gets. `written_at`: when the post or
-- comment was created.
CREATE OR REPLACE FUNCTION refresh_text_events(kind text, id uuid, written_at timestamptz, texts jsonb, others jsonb)
RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    since       timestamptz := written_at - interval '1 day';
    until       timestamptz := now() + interval '1 day';
    empty_texts jsonb := (
        SELECT jsonb_object_agg(field.key, field.value)
        FROM jsonb_each(empty_text(refresh_text_events.kind)) AS field
        WHERE texts ? field.key);
BEGIN
    UPDATE events e
    SET payload = jsonb_set(e.payload, ARRAY[refresh_text_events.kind], (e.payload -> refresh_text_events.kind)
            || CASE WHEN kept.has_text THEN texts ELSE empty_texts END || others)
    FROM (
        SELECT t.stream_id, t.seq, t.created_at, t.type = t.kind || '.created'
               OR row_number() OVER (PARTITION BY t.stream_id ORDER BY t.seq DESC) <= 10 AS has_text
        FROM text_events t
        WHERE t.kind = refresh_text_events.kind AND t.id = refresh_text_events.id::text
          AND t.created_at >= since AND t.created_at < until
    ) AS kept
    WHERE e.stream_id = kept.stream_id AND e.seq = kept.seq AND e.created_at = kept.created_at
      AND e.created_at >= since AND e.created_at < until;
END $$;

CREATE OR REPLACE FUNCTION refresh_post_events(post_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    post posts;
BEGIN
    SELECT * INTO post FROM posts p WHERE p.id = post_id;
    PERFORM refresh_text_events('post', post_id, post.created_at,
        jsonb_build_object('title', post.title, 'body', post.body, 'body_html', post.body_html,
                           'mentions', post.mentions, 'mentions_everyone', post.mentions_everyone,
                           'attachments', attachments_json(post.attachments), 'previews', post.previews),
        jsonb_build_object('tags', post.tags, 'version', post.version, 'edited_at', rfc3339(post.edited_at)));
END $$;

CREATE OR REPLACE FUNCTION refresh_comment_events(comment_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    comment comments;
BEGIN
    SELECT * INTO comment FROM comments c WHERE c.id = comment_id;
    PERFORM refresh_text_events('comment', comment_id, comment.created_at,
        jsonb_build_object('body', comment.body, 'body_html', comment.body_html,
                           'mentions', comment.mentions, 'mentions_everyone', comment.mentions_everyone,
                           'attachments', attachments_json(comment.attachments), 'previews', comment.previews),
        jsonb_build_object('version', comment.version, 'edited_at', rfc3339(comment.edited_at)));
END $$;

-- Removes the text of a comment, which was deleted or removed, from the events that contain it.
CREATE OR REPLACE FUNCTION redact_comment_events(comment_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    gone jsonb := (SELECT jsonb_build_object('deleted_at', rfc3339(c.deleted_at), 'removed_at', rfc3339(c.removed_at))
                   FROM comments c WHERE c.id = comment_id);
BEGIN
    UPDATE events e
    SET payload = jsonb_set(e.payload, '{comment}', (e.payload -> 'comment') || empty_text('comment') || gone)
    WHERE e.type IN ('comment.created', 'comment.updated') AND e.payload -> 'comment' ->> 'id' = comment_id::text;
END $$;
