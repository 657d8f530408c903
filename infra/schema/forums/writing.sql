-- Posts and comments are written in one statement each, on what decisions.sql has shown: what was decided, the number of the
-- event, the event and the answer are one round trip, and the streams are locked for no longer.
--
-- `refusal` says why nothing was written: as attachment_refusal() does; `changed`, if the `etag` is not that of now, or the nonce was used meanwhile (the
-- caller decides again on what is there now); `slow_mode`, with `last_write_at`. `logged` and `audience` are for the push:
-- events with an audience of their own have it in `logged`.

-- To whom an event in a forum goes: the members of a private forum who are not banned; null, which is every subscriber, of others.
CREATE OR REPLACE FUNCTION forum_audience(forum_id uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF (SELECT f.visibility FROM forums f WHERE f.id = forum_id) <> 'private' THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY (
        SELECT m.user_id FROM forum_members m
        WHERE m.forum_id = forum_audience.forum_id AND NOT EXISTS (
            SELECT FROM forum_bans b
            WHERE b.forum_id = m.forum_id AND b.user_id = m.user_id AND NOT b.shadow AND b.until > now()));
END $$;

-- Records that the user writes now, if the last write is at least `pause_seconds` ago; otherwise returns its time. Of two at
-- once the second waits for the first.
CREATE OR REPLACE FUNCTION record_write(forum_id uuid, user_id uuid, pause_seconds integer, now_at timestamptz)
RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO forum_writes AS w (forum_id, user_id, written_at) VALUES (forum_id, user_id, now_at)
    ON CONFLICT ON CONSTRAINT forum_writes_pkey DO UPDATE SET written_at = excluded.written_at
    WHERE w.written_at <= now_at - make_interval(secs => pause_seconds);
    IF FOUND THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT w.written_at FROM forum_writes w
            WHERE w.forum_id = record_write.forum_id AND w.user_id = record_write.user_id);
END $$;

-- What is checked and recorded before a post or comment, `written_id`, is written: its attachments, slow mode and the nonce.
-- Nothing may be written where there is a `refusal`.
CREATE OR REPLACE FUNCTION begin_write(
    forum_id uuid, author_id uuid, written_id uuid, attachments jsonb, pause_seconds integer, nonce text, request_hash bytea,
    now_at timestamptz, OUT refusal text, OUT last_write_at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
    IF attachments <> '[]' THEN
        refusal := attachment_refusal(author_id, attachments);
    END IF;
    IF refusal IS NULL AND pause_seconds > 0 THEN
        last_write_at := record_write(forum_id, author_id, pause_seconds, now_at);
        refusal := CASE WHEN last_write_at IS NOT NULL THEN 'slow_mode' END;
    END IF;
    IF refusal IS NULL AND nonce IS NOT NULL THEN
        INSERT INTO nonces (user_id, nonce, body_hash, stream_id, seq, created_at)
        VALUES (author_id, nonce, request_hash, written_id, 0, now_at);
    END IF;
END $$;

-- The data of an event about a post, which all readers of the forum get.
CREATE OR REPLACE FUNCTION post_event(post_id uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object('post', post_event_json(post_id));
END $$;

-- Logs a change of a post in the streams of its forum and of the post, which the caller has locked. Of a withheld post only the
-- author gets events.
CREATE OR REPLACE FUNCTION log_post_change(
    post_id uuid, forum_id uuid, withheld text, author_id uuid, type text, now_at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    payload jsonb := CASE WHEN withheld IS NULL THEN post_event(post_id) ELSE own_post_event(post_id, author_id) END;
BEGIN
    IF withheld IS NULL THEN
        RETURN jsonb_build_array(log_event('forum', forum_id, type, payload, now_at),
                                 log_event('post', post_id, type, payload, now_at));
    END IF;
    RETURN jsonb_build_array(log_own_event('forum', forum_id, author_id, type, payload, now_at),
                             log_own_event('post', post_id, author_id, type, payload, now_at));
END $$;

-- `pause_seconds`: of slow mode, 0 for those whom it does not concern. `report_weight`: of the report of a filter; null if there
-- is none. Other parameters as in write_post().
CREATE OR REPLACE FUNCTION create_post(
    forum_id uuid, author_id uuid, etag text, post_id uuid, kind text, title text, body text, body_html text, url text,
    tags text[], option_labels text[], multiple boolean, closes_at timestamptz, withheld text, names text[], broadcast text,
    pause_seconds integer, report_weight integer, case_id uuid, nonce text, request_hash bytea, attachments jsonb,
    now_at timestamptz, OUT result_json text, OUT logged jsonb, OUT audience uuid[], OUT refusal text, OUT last_write_at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    access record;
BEGIN
    PERFORM FROM streams s WHERE s.id = forum_id FOR NO KEY UPDATE;
    SELECT a.etag, a.role IN ('owner', 'moderator') AS moderates INTO access
    FROM forum_access(forum_id, author_id, true, false) a;
    IF access.etag IS DISTINCT FROM create_post.etag
            OR EXISTS (SELECT FROM nonces n WHERE n.user_id = author_id AND n.nonce = create_post.nonce) THEN
        refusal := 'changed';
        RETURN;
    END IF;
    SELECT b.refusal, b.last_write_at INTO refusal, last_write_at
    FROM begin_write(forum_id, author_id, post_id, attachments, pause_seconds, nonce, request_hash, now_at) b;
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM write_post(post_id, forum_id, author_id, kind, title, body, body_html, url, tags, option_labels, multiple, closes_at,
                       withheld, now_at, names, broadcast, attachments);
    SELECT p.post INTO result_json FROM posts_json(ARRAY[post_id], author_id, access.moderates) p;
    IF withheld IS NULL THEN -- what is new is the same for all readers: making its JSON again took a quarter of the time
        logged := jsonb_build_array(log_event('forum', forum_id, 'post.created', jsonb_build_object(
            'post', result_json::jsonb - '{my_vote,head,blocked,new_account_votes}'::text[] #- '{poll,my_choices}'), now_at));
        audience := forum_audience(forum_id);
    ELSE
        logged := jsonb_build_array(log_own_event('forum', forum_id, author_id, 'post.created',
                                                  own_post_event(post_id, author_id), now_at));
    END IF;
    IF report_weight IS NOT NULL THEN
        PERFORM file_report(forum_id, 'post', post_id, NULL, report_weight, 'filter', '', case_id, now_at);
    END IF;
END $$;

-- Keeps the version before in the history, and takes its text out of logged events. `title`, `tags` and `body` are those from
-- now on; `etag` is that of post_access() with filters.
CREATE OR REPLACE FUNCTION edit_post(
    post_id uuid, forum_id uuid, editor_id uuid, etag text, title text, body text, body_html text, tags text[], names text[],
    broadcast text, report_weight integer, case_id uuid, attachments jsonb, now_at timestamptz,
    OUT result_json text, OUT logged jsonb, OUT audience uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    access record;
BEGIN
    PERFORM FROM streams s WHERE s.id = forum_id FOR NO KEY UPDATE;
    PERFORM FROM streams s WHERE s.id = post_id FOR NO KEY UPDATE;
    SELECT * INTO access FROM post_access(post_id, editor_id, NULL, true, NULL, false);
    IF access.etag IS DISTINCT FROM edit_post.etag THEN
        RETURN;
    END IF;
    INSERT INTO post_versions (post_id, version, title, body, edited_by, edited_at)
    VALUES (post_id, access.version, access.title, access.body, editor_id, now_at);
    UPDATE posts p
    SET title = edit_post.title, body = edit_post.body, body_html = edit_post.body_html,
        mentions = mentioned_readers(p.forum_id, p.author_id, names), mentions_everyone = broadcast, tags = edit_post.tags,
        attachments = edit_post.attachments, version = p.version + 1, edited_at = now_at,
        previews = CASE WHEN p.body_html = edit_post.body_html THEN p.previews ELSE '[]' END
    WHERE p.id = post_id;
    PERFORM refresh_post_events(post_id);
    IF report_weight IS NOT NULL THEN
        PERFORM file_report(forum_id, 'post', post_id, NULL, report_weight, 'filter', '', case_id, now_at);
    END IF;
    logged := log_post_change(post_id, forum_id, access.withheld, access.author_id, 'post.updated', now_at);
    audience := forum_audience(forum_id);
    SELECT p.post INTO result_json
    FROM posts_json(ARRAY[post_id], editor_id, access.role IN ('owner', 'moderator')) p;
END $$;

-- Deletes a post that is not deleted yet, as delete_post() does, and logs that. `etag` is that of post_access() without filters.
CREATE OR REPLACE FUNCTION delete_post(
    post_id uuid, forum_id uuid, caller_id uuid, etag text, now_at timestamptz,
    OUT result_json text, OUT logged jsonb, OUT audience uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
    access record;
BEGIN
    PERFORM FROM streams s WHERE s.id = forum_id FOR NO KEY UPDATE;
    PERFORM FROM streams s WHERE s.id = post_id FOR NO KEY UPDATE;
    SELECT * INTO access FROM post_access(post_id, caller_id, NULL, false, NULL, false);
    IF access.etag IS DISTINCT FROM delete_post.etag THEN
        RETURN;
    END IF;
    PERFORM delete_post(post_id, now_at);
    logged := log_post_change(post_id, forum_id, access.withheld, access.author_id, 'post.deleted', now_at);
    audience := forum_audience(forum_id);
    SELECT p.post INTO result_json
    FROM posts_json(ARRAY[post_id], caller_id, access.role IN ('owner', 'moderator')) p;
END $$;
