-- Comments are written as writing.sql says. `etag` is that of post_access(), `comment_etag` that of comment_access().

-- Logs an event about a comment in the stream of the post, which the caller has locked. Of a comment that is hidden from other
-- readers only those get one who may see it and are no moderators. `payload`: for all readers.
CREATE OR REPLACE FUNCTION log_comment_change(
    comment_id uuid, post_id uuid, is_hidden boolean, type text, payload jsonb, now_at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    logged jsonb := '[]';
    own    record;
BEGIN
    IF NOT is_hidden THEN
        RETURN jsonb_build_array(log_event('post', post_id, type, payload, now_at));
    END IF;
    FOR own IN SELECT * FROM own_comment_events(comment_id) LOOP
        logged := logged || log_own_event(
            'post', post_id, own.user_id, type,
            CASE WHEN type = 'comment.created' THEN own.payload
                 ELSE jsonb_build_object('comment', own.payload -> 'comment') END, now_at);
    END LOOP;
    RETURN logged;
END $$;

CREATE OR REPLACE FUNCTION create_comment(
    post_id uuid, author_id uuid, etag text, parent_etag text, comment_id uuid, parent_id uuid, body text, body_html text,
    withheld text, names text[], broadcast text, pause_seconds integer, report_weight integer, case_id uuid, nonce text,
    request_hash bytea, attachments jsonb, now_at timestamptz,
    OUT result_json text, OUT logged jsonb, OUT audience uuid[], OUT refusal text, OUT last_write_at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    access  record;
    created record;
    payload jsonb;
BEGIN
    PERFORM FROM streams s WHERE s.id = post_id FOR NO KEY UPDATE;
    SELECT * INTO access FROM post_access(post_id, author_id, NULL, true, NULL, false);
    IF access.etag IS DISTINCT FROM create_comment.etag
            OR parent_etag IS DISTINCT FROM (SELECT c.etag FROM comment_access(parent_id, author_id) c)
            OR EXISTS (SELECT FROM nonces n WHERE n.user_id = author_id AND n.nonce = create_comment.nonce) THEN
        refusal := 'changed';
        RETURN;
    END IF;
    SELECT b.refusal, b.last_write_at INTO refusal, last_write_at
    FROM begin_write(access.forum_id, author_id, comment_id, attachments, pause_seconds, nonce, request_hash, now_at) b;
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT * INTO created
    FROM write_comment(comment_id, post_id, parent_id, author_id, body, body_html, withheld, now_at, names, broadcast,
                       attachments);
    payload := jsonb_build_object('comment', created.comment, 'post', jsonb_build_object(
        'id', post_id, 'comment_count', created.comment_count));
    IF parent_id IS NOT NULL THEN
        payload := payload || jsonb_build_object('parent', jsonb_build_object(
            'id', parent_id, 'reply_count', created.reply_count));
    END IF;
    logged := log_comment_change(comment_id, post_id, created.comment_count IS NULL, 'comment.created', payload, now_at);
    audience := forum_audience(access.forum_id);
    IF report_weight IS NOT NULL THEN
        PERFORM file_report(access.forum_id, 'comment', comment_id, NULL, report_weight, 'filter', '', case_id, now_at);
    END IF;
    result_json := shown_comment(comment_id, author_id, access.role);
END $$;

-- A comment for a reader who has this role in the forum and is known to see the comment.
CREATE OR REPLACE FUNCTION shown_comment(comment_id uuid, reader_id uuid, role text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT comment_json(c, reader_id, role IN ('owner', 'moderator')) FROM comments c WHERE c.id = comment_id);
END $$;

-- Takes the text before the edit out of logged events. `etag` is that of post_access() with filters.
CREATE OR REPLACE FUNCTION edit_comment(
    comment_id uuid, post_id uuid, editor_id uuid, etag text, comment_etag text, body text, body_html text, names text[],
    broadcast text, report_weight integer, case_id uuid, attachments jsonb, now_at timestamptz,
    OUT result_json text, OUT logged jsonb, OUT audience uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    access  record;
    target record;
    payload jsonb;
BEGIN
    PERFORM FROM streams s WHERE s.id = post_id FOR NO KEY UPDATE;
    SELECT * INTO target FROM comment_access(comment_id, editor_id);
    SELECT * INTO access FROM post_access(post_id, editor_id, target.author_id, true, NULL, false);
    IF (access.etag, target.etag) IS DISTINCT FROM (edit_comment.etag, edit_comment.comment_etag) THEN
        RETURN;
    END IF;
    UPDATE comments c
    SET body = edit_comment.body, body_html = edit_comment.body_html, version = c.version + 1, edited_at = now_at,
        mentions_everyone = broadcast, mentions = mentioned_readers(access.forum_id, c.author_id, names),
        attachments = edit_comment.attachments,
        previews = CASE WHEN c.body_html = edit_comment.body_html THEN c.previews ELSE '[]' END
    WHERE c.id = comment_id
    RETURNING jsonb_build_object('comment', comment_event_json(c)) INTO payload;
    PERFORM refresh_comment_events(comment_id);
    IF report_weight IS NOT NULL THEN
        PERFORM file_report(access.forum_id, 'comment', comment_id, NULL, report_weight, 'filter', '', case_id, now_at);
    END IF;
    logged := log_comment_change(comment_id, post_id, target.withheld IS NOT NULL OR target.below_withheld, 'comment.updated',
                                 payload, now_at);
    audience := forum_audience(access.forum_id);
    result_json := shown_comment(comment_id, editor_id, access.role);
END $$;

-- Deletes the text and the attachments of a comment that is not deleted yet, also in logged events. A tombstone stays; if the comment was the
-- accepted one, the acceptance ends. `etag` is that of post_access() without filters.
CREATE OR REPLACE FUNCTION delete_comment(
    comment_id uuid, post_id uuid, forum_id uuid, caller_id uuid, etag text, comment_etag text, now_at timestamptz,
    OUT result_json text, OUT logged jsonb, OUT audience uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    access  record;
    target record;
    payload jsonb;
BEGIN
    PERFORM FROM streams s WHERE s.id = forum_id FOR NO KEY UPDATE;
    PERFORM FROM streams s WHERE s.id = post_id FOR NO KEY UPDATE;
    SELECT * INTO target FROM comment_access(comment_id, caller_id);
    SELECT * INTO access FROM post_access(post_id, caller_id, target.author_id, false, NULL, false);
    IF (access.etag, target.etag) IS DISTINCT FROM (delete_comment.etag, delete_comment.comment_etag) THEN
        RETURN;
    END IF;
    UPDATE comments c
    SET body = '', body_html = '', mentions = '{}', mentions_everyone = NULL, attachments = '[]',
        previews = '[]', deleted_at = now_at
    WHERE c.id = comment_id
    RETURNING jsonb_build_object('comment', comment_event_json(c)) INTO payload;
    PERFORM redact_comment_events(comment_id);
    logged := log_comment_change(comment_id, post_id, target.withheld IS NOT NULL OR target.below_withheld, 'comment.deleted',
                                 payload, now_at);
    IF access.accepted_comment_id = comment_id THEN
        UPDATE posts p SET accepted_comment_id = NULL WHERE p.id = post_id;
        logged := logged || log_post_change(post_id, forum_id, access.withheld, access.author_id, 'post.updated', now_at);
    END IF;
    audience := forum_audience(forum_id);
    result_json := shown_comment(comment_id, caller_id, access.role);
END $$;
