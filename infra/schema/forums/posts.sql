-- Posts: how they are written, deleted, removed and moved.

-- Locks the stream of a post, and with `with_forum` that of its forum before it, until the transaction ends. Returns null,
-- and locks nothing, if the post does not exist for this reader; false if the post was moved to another forum meanwhile.
-- `is_author`: the reader wrote what they are about to change, and reaches it without access to the forum.
CREATE OR REPLACE FUNCTION select_post_for_update(post_id uuid, reader_id uuid, with_forum boolean, is_author boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    current_forum_id uuid := (SELECT p.forum_id FROM posts p
                              WHERE p.id = post_id AND (is_author OR role_at_post(p, reader_id) IS NOT NULL));
BEGIN
    IF current_forum_id IS NULL THEN
        RETURN NULL;
    END IF;
    IF with_forum THEN
        PERFORM FROM streams s WHERE s.id = current_forum_id FOR NO KEY UPDATE;
        IF NOT EXISTS (SELECT FROM posts p WHERE p.id = post_id AND p.forum_id = current_forum_id) THEN
            RETURN false;
        END IF;
    END IF;
    PERFORM FROM streams s WHERE s.id = post_id FOR NO KEY UPDATE;
    RETURN true;
END $$;

-- A post for an event, which is the same for all its readers.
CREATE OR REPLACE FUNCTION post_event_json(post_id uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT p.post::jsonb - '{my_vote,head,blocked}'::text[] FROM posts_json(ARRAY[post_id], NULL, false) p);
END $$;

-- Counts a post in its forum, or takes it out of the count (-1).
CREATE OR REPLACE FUNCTION count_post(post posts, delta integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE forums f
    SET post_count = f.post_count + CASE WHEN post.withheld IS NULL THEN delta ELSE 0 END,
        withheld_post_count = f.withheld_post_count + CASE WHEN post.withheld IS NULL THEN 0 ELSE delta END
    WHERE f.id = post.forum_id;
END $$;

-- Adds a post to the lists of its forum, and to the forum's count. The caller has locked the streams. The row of counts is
-- locked here, so that a vote is counted either before or after.
CREATE OR REPLACE FUNCTION add_to_lists(post_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    counts post_counts;
    post   posts;
BEGIN
    SELECT * INTO counts FROM post_counts c WHERE c.post_id = add_to_lists.post_id FOR UPDATE;
    SELECT * INTO post FROM posts p WHERE p.id = add_to_lists.post_id;
    PERFORM rank_post(post.id, post.forum_id, post.created_at, counts.ups, counts.downs);
    PERFORM count_post(post, 1);
END $$;

-- The opposite of add_to_lists.
CREATE OR REPLACE FUNCTION remove_from_lists(post_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    post posts;
BEGIN
    PERFORM FROM post_counts c WHERE c.post_id = remove_from_lists.post_id FOR UPDATE;
    DELETE FROM post_ranks r WHERE r.post_id = remove_from_lists.post_id;
    SELECT * INTO post FROM posts p WHERE p.id = remove_from_lists.post_id;
    PERFORM count_post(post, -1);
END $$;

-- Writes a post with its stream, its counts, its ranks and, unless `option_labels` is null, its poll.
CREATE OR REPLACE FUNCTION write_post(
    post_id uuid, forum_id uuid, author_id uuid, kind text, title text, body text, body_html text, url text, tags text[],
    option_labels text[], multiple boolean, closes_at timestamptz, withheld text, now_at timestamptz,
    names text[] DEFAULT '{}', broadcast text DEFAULT NULL, attachments jsonb DEFAULT '[]'
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO posts (id, forum_id, author_id, kind, title, body, body_html, mentions, mentions_everyone, url, tags, attachments,
                       withheld, created_at)
    VALUES (post_id, forum_id, author_id, kind, title, body, body_html, mentioned_readers(forum_id, author_id, names),
            broadcast, url, tags, attachments, withheld, now_at);
    INSERT INTO post_counts (post_id) VALUES (post_id);
    INSERT INTO streams (id, kind) VALUES (post_id, 'post');
    IF option_labels IS NOT NULL THEN
        INSERT INTO polls (post_id, multiple, closes_at) VALUES (post_id, multiple, closes_at);
        INSERT INTO poll_options (post_id, place, label)
        SELECT post_id, option.ordinal - 1, option.label
        FROM unnest(option_labels) WITH ORDINALITY AS option (label, ordinal);
    END IF;
    PERFORM add_to_lists(post_id);
    IF withheld IS NULL THEN
        UPDATE forums f SET active_at = now_at WHERE f.id = forum_id AND f.active_at < now_at - interval '1 minute';
    END IF;
END $$;

-- The payload of an event without the text of its post, which was deleted or removed.
CREATE OR REPLACE FUNCTION redact_post_payload(payload jsonb, post posts) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_set(payload, '{post}', (payload -> 'post') || empty_text('post') || jsonb_build_object(
        'deleted_at', rfc3339(post.deleted_at), 'removed_at', rfc3339(post.removed_at)));
END $$;

-- Removes the text of a post from the events that contain it, except from those of the streams `kept_stream_ids`.
CREATE OR REPLACE FUNCTION redact_post_events(post_id uuid, kept_stream_ids uuid[]) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    post  posts;
    since timestamptz; -- a day more, for clocks that differ
    until timestamptz := now() + interval '1 day';
BEGIN
    SELECT * INTO post FROM posts p WHERE p.id = post_id;
    since := post.created_at - interval '1 day';
    UPDATE events e SET payload = redact_post_payload(e.payload, post)
    WHERE e.payload -> 'post' ->> 'id' = post_id::text
      AND e.type IN ('post.created', 'post.updated', 'post.moved', 'post.restored')
      AND e.stream_id <> ALL (kept_stream_ids) AND e.created_at >= since AND e.created_at < until;
END $$;

-- Deletes the text of a post, of its versions, its poll and its events. The row stays, as a tombstone with its comments.
CREATE OR REPLACE FUNCTION delete_post(post_id uuid, now_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM posts p WHERE p.id = post_id AND p.removed_at IS NULL) THEN
        PERFORM remove_from_lists(post_id);
    END IF;
    UPDATE posts p
    SET title = '', body = '', body_html = '', mentions = '{}', mentions_everyone = NULL, url = NULL, tags = '{}',
        attachments = '[]', previews = '[]', pinned_at = NULL, deleted_at = now_at
    WHERE p.id = post_id;
    DELETE FROM post_versions v WHERE v.post_id = delete_post.post_id;
    DELETE FROM poll_votes v WHERE v.post_id = delete_post.post_id;
    DELETE FROM poll_options o WHERE o.post_id = delete_post.post_id;
    DELETE FROM polls p WHERE p.post_id = delete_post.post_id;
    PERFORM redact_post_events(post_id, '{}');
END $$;

-- Removes a post as a moderator does. Its text is deleted from the events, but the row keeps it: moderators can read it and
-- restore the post.
CREATE OR REPLACE FUNCTION remove_post(post_id uuid, now_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM remove_from_lists(post_id);
    UPDATE posts p SET removed_at = now_at, pinned_at = NULL WHERE p.id = post_id;
    PERFORM redact_post_events(post_id, '{}');
END $$;

CREATE OR REPLACE FUNCTION restore_post(post_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE posts p SET removed_at = NULL WHERE p.id = post_id;
    PERFORM add_to_lists(post_id);
END $$;

-- Moves a post to another forum. If that forum is private, the text is removed from the events of the streams in which people
-- outside it could read it.
CREATE OR REPLACE FUNCTION move_post(post_id uuid, forum_id uuid, new_tags text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM remove_from_lists(post_id);
    UPDATE posts p
    SET moved_from = array_append(array_remove(p.moved_from, p.forum_id), p.forum_id), forum_id = move_post.forum_id,
        tags = new_tags, pinned_at = NULL,
        mentions = ARRAY (SELECT id FROM unnest(p.mentions) AS id WHERE forum_role(move_post.forum_id, id) IS NOT NULL)
    WHERE p.id = post_id;
    PERFORM begin_own_view(ARRAY[forum_id], voter.user_id)
    FROM (SELECT v.user_id FROM votes v WHERE v.target_id = post_id AND NOT v.counted
          UNION SELECT v.user_id FROM poll_votes v WHERE v.post_id = move_post.post_id AND NOT v.counted) AS voter;
    PERFORM add_to_lists(post_id);
    IF EXISTS (SELECT FROM forums f WHERE f.id = forum_id AND f.visibility = 'private') THEN
        PERFORM redact_post_events(post_id, ARRAY[post_id, forum_id]);
    END IF;
END $$;

-- Shows a withheld post to all readers from now on, and counts it. The caller has locked the streams of the post and of its
-- forum. Returns whether it was withheld.
CREATE OR REPLACE FUNCTION publish_post(post_id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    published posts;
BEGIN
    UPDATE posts p SET withheld = NULL WHERE p.id = post_id AND p.withheld IS NOT NULL RETURNING * INTO published;
    IF published.id IS NOT NULL AND published.deleted_at IS NULL AND published.removed_at IS NULL THEN
        UPDATE forums f SET post_count = f.post_count + 1, withheld_post_count = f.withheld_post_count - 1
        WHERE f.id = published.forum_id;
    END IF;
    RETURN published.id IS NOT NULL;
END $$;
