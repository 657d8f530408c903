-- The events of a post or a comment carry its text as it is now: a member who catches up gets nothing that was edited away.
--
-- What was deleted, removed, or moved out of sight has no text in its events and gets none here. Of a text that was edited very
-- often only the first event and the last ones in each stream keep it, so that an edit rewrites few rows. It reads the months
-- since the text was written; a day more, for clocks that differ.

CREATE OR REPLACE FUNCTION refresh_post_events(post_id uuid) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    post    posts;
    since   timestamptz;
    until   timestamptz := now() + interval '1 day';
BEGIN
    SELECT * INTO post FROM posts p WHERE p.id = post_id;
    since := post.created_at - interval '1 day';
    UPDATE events e
    SET payload = jsonb_set(e.payload, '{post}', (e.payload -> 'post') || jsonb_build_object(
            'title', CASE WHEN kept.has_text THEN post.title ELSE '' END,
            'body', CASE WHEN kept.has_text THEN post.body ELSE '' END,
            'body_html', CASE WHEN kept.has_text THEN post.body_html ELSE '' END,
            'mentions', CASE WHEN kept.has_text THEN to_jsonb(post.mentions) ELSE '[]' END,
            'mentions_everyone', CASE WHEN kept.has_text THEN post.mentions_everyone END,
            'tags', to_jsonb(post.tags), 'version', post.version, 'edited_at', rfc3339(post.edited_at)))
    FROM (
        SELECT r.stream_id, r.seq, r.created_at, r.type = 'post.created'
               OR row_number() OVER (PARTITION BY r.stream_id ORDER BY r.seq DESC) <= 10 AS has_text
        FROM events r
        WHERE r.payload -> 'post' ->> 'id' = post_id::text
          AND r.type IN ('post.created', 'post.updated', 'post.moved', 'post.restored')
          AND r.payload -> 'post' ->> 'title' <> '' AND r.created_at >= since AND r.created_at < until
    ) AS kept
    WHERE e.stream_id = kept.stream_id AND e.seq = kept.seq AND e.created_at = kept.created_at
      AND e.created_at >= since AND e.created_at < until;
END $$;

CREATE OR REPLACE FUNCTION refresh_comment_events(comment_id uuid) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    comment comments;
    since   timestamptz;
    until   timestamptz := now() + interval '1 day';
BEGIN
    SELECT * INTO comment FROM comments c WHERE c.id = comment_id;
    since := comment.created_at - interval '1 day';
    UPDATE events e
    SET payload = jsonb_set(e.payload, '{comment}', (e.payload -> 'comment') || jsonb_build_object(
            'body', CASE WHEN kept.has_text THEN comment.body ELSE '' END,
            'body_html', CASE WHEN kept.has_text THEN comment.body_html ELSE '' END,
            'mentions', CASE WHEN kept.has_text THEN to_jsonb(comment.mentions) ELSE '[]' END,
            'mentions_everyone', CASE WHEN kept.has_text THEN comment.mentions_everyone END,
            'version', comment.version, 'edited_at', rfc3339(comment.edited_at)))
    FROM (
        SELECT r.stream_id, r.seq, r.created_at, r.type = 'comment.created'
               OR row_number() OVER (PARTITION BY r.stream_id ORDER BY r.seq DESC) <= 10 AS has_text
        FROM events r
        WHERE r.payload -> 'comment' ->> 'id' = comment_id::text AND r.type IN ('comment.created', 'comment.updated')
          AND r.payload -> 'comment' ->> 'body' <> '' AND r.created_at >= since AND r.created_at < until
    ) AS kept
    WHERE e.stream_id = kept.stream_id AND e.seq = kept.seq AND e.created_at = kept.created_at
      AND e.created_at >= since AND e.created_at < until;
END $$;
