-- The events of a post or a comment carry its text as it is now: a member who catches up gets nothing that was edited away.
--
-- What was deleted, removed, or moved out of sight has no text in its events and gets none here.

-- Changes events of a post or a comment, whose payload has it as `field`: all of them get the `change`. Of a text that was edited
-- very often only the first event and the last ones in each stream keep the `content`, so that an edit rewrites few rows.
CREATE OR REPLACE FUNCTION refresh_events(found events[], field text, content jsonb, change jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    no_content jsonb := (SELECT jsonb_object_agg(key, CASE key WHEN 'mentions' THEN '[]' WHEN 'mentions_everyone' THEN 'null'
                                                       ELSE '""' END::jsonb) FROM jsonb_object_keys(content) AS key);
BEGIN
    UPDATE events e
    SET payload = jsonb_set(e.payload, ARRAY[field], (e.payload -> field) || change
                                                     || CASE WHEN kept.has_text THEN content ELSE no_content END)
    FROM (
        SELECT r.stream_id, r.seq, r.created_at, r.type = field || '.created'
               OR row_number() OVER (PARTITION BY r.stream_id ORDER BY r.seq DESC) <= 10 AS has_text
        FROM unnest(found) AS r
    ) AS kept
    WHERE e.stream_id = kept.stream_id AND e.seq = kept.seq AND e.created_at = kept.created_at;
END $$;

CREATE OR REPLACE FUNCTION refresh_post_events(post_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    post posts;
BEGIN
    SELECT * INTO post FROM posts p WHERE p.id = post_id;
    PERFORM refresh_events(
        ARRAY (SELECT e FROM events e
               WHERE e.payload -> 'post' ->> 'id' = post_id::text
                 AND e.type IN ('post.created', 'post.updated', 'post.moved', 'post.restored')
                 AND e.payload -> 'post' ->> 'title' <> ''),
        'post',
        jsonb_build_object('title', post.title, 'body', post.body, 'body_html', post.body_html,
                           'mentions', to_jsonb(post.mentions), 'mentions_everyone', post.mentions_everyone),
        jsonb_build_object('tags', to_jsonb(post.tags), 'version', post.version, 'edited_at', rfc3339(post.edited_at)));
END $$;

CREATE OR REPLACE FUNCTION refresh_comment_events(comment_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    comment comments;
BEGIN
    SELECT * INTO comment FROM comments c WHERE c.id = comment_id;
    PERFORM refresh_events(
        ARRAY (SELECT e FROM events e
               WHERE e.payload -> 'comment' ->> 'id' = comment_id::text AND e.type IN ('comment.created', 'comment.updated')
                 AND e.payload -> 'comment' ->> 'body' <> ''),
        'comment',
        jsonb_build_object('body', comment.body, 'body_html', comment.body_html,
                           'mentions', to_jsonb(comment.mentions), 'mentions_everyone', comment.mentions_everyone),
        jsonb_build_object('version', comment.version, 'edited_at', rfc3339(comment.edited_at)));
END $$;
