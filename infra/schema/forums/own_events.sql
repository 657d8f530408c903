-- Events that only one reader sees, in the streams of forums and posts.
--
-- A text under a shadow ban must look to its author as if nothing were withheld, and to everybody else as if it did not
-- exist. So its event takes no number of the stream. Its author gets it with the next number, and from then on a higher number
-- for each event of the stream. For every reader the numbers have no gap.

-- A user whose votes only they see has a view of their own too: a row with the number 0, without an event.

-- Where the own events of a reader are in the log, numbered from 1: there what erases a text from the log finds them too.
CREATE OR REPLACE FUNCTION own_stream_id(stream_id uuid, user_id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN md5(stream_id::text || user_id::text)::uuid;

CREATE OR REPLACE FUNCTION own_event_count(stream_id uuid, user_id uuid) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT max(o.number) FROM own_events o
                     WHERE o.stream_id = own_event_count.stream_id AND o.user_id = own_event_count.user_id), 0);
END $$;

-- From now on the reader's view of these streams is their own, with their uncounted votes in every count.
CREATE OR REPLACE FUNCTION begin_own_view(stream_ids uuid[], user_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO own_events (stream_id, user_id, number, after_seq)
    SELECT stream_id, begin_own_view.user_id, 0, 0 FROM unnest(stream_ids) AS stream_id
    ON CONFLICT DO NOTHING;
END $$;

-- Appends an event for one reader, and returns its number for that reader. The caller has locked the stream.
CREATE OR REPLACE FUNCTION append_own_event(stream_id uuid, user_id uuid, type text, payload jsonb, now_at timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    number      bigint := own_event_count(stream_id, user_id) + 1;
    stream_head bigint := (SELECT s.head FROM streams s WHERE s.id = append_own_event.stream_id);
BEGIN
    INSERT INTO own_events (stream_id, user_id, number, after_seq) VALUES (stream_id, user_id, number, stream_head);
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    VALUES (own_stream_id(stream_id, user_id), number, type, payload, now_at);
    RETURN stream_head + number;
END $$;

-- The payload of an event as a reader sees it whose comments or votes others do not see: every count has the reader's own.
CREATE OR REPLACE FUNCTION event_as_seen(payload jsonb, reader_id uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    post_id uuid := coalesce(payload #>> '{post,id}', payload #>> '{comment,post_id}');
    kind    text;
    field   text;
    own     votes;
BEGIN
    IF payload #> '{post,comment_count}' IS NOT NULL THEN
        payload := add_to_json(payload, '{post,comment_count}', seen_hidden_comments(post_id, 0, reader_id, false));
    END IF;
    FOREACH kind IN ARRAY '{parent,comment}'::text[] LOOP
        IF payload #> ARRAY[kind, 'reply_count'] IS NOT NULL THEN
            payload := add_to_json(payload, ARRAY[kind, 'reply_count'], seen_withheld_replies(
                post_id, (payload #>> ARRAY[kind, 'id'])::uuid, 0, reader_id, false));
        END IF;
    END LOOP;
    FOREACH kind IN ARRAY '{post,comment}'::text[] LOOP
        CONTINUE WHEN payload #> ARRAY[kind, 'score'] IS NULL;
        SELECT * INTO own FROM votes v
        WHERE v.target_id = (payload #>> ARRAY[kind, 'id'])::uuid AND v.user_id = reader_id AND NOT v.counted;
        IF FOUND THEN
            field := CASE WHEN own.value = 1 THEN 'ups' ELSE 'downs' END;
            payload := add_to_json(add_to_json(payload, ARRAY[kind, 'score'], own.value), ARRAY[kind, field], 1);
        END IF;
    END LOOP;
    IF payload #> '{post,poll,options}' IS NOT NULL THEN
        payload := jsonb_set(payload, '{post,poll}', poll_as_seen(payload #> '{post,poll}', post_id, reader_id));
    END IF;
    RETURN payload;
END $$;

-- A poll of an event with the reader's choices that are not counted for others.
CREATE OR REPLACE FUNCTION poll_as_seen(poll jsonb, post_id uuid, reader_id uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    own integer[] := ARRAY (SELECT v.place FROM poll_votes v
                            WHERE v.post_id = poll_as_seen.post_id AND v.user_id = reader_id AND NOT v.counted);
    options jsonb;
BEGIN
    IF own = '{}' THEN
        RETURN poll;
    END IF;
    SELECT jsonb_agg(CASE WHEN (option ->> 'place')::integer = ANY (own) THEN add_to_json(option, '{votes}', 1) ELSE option END
                     ORDER BY ordinal)
    INTO options FROM jsonb_array_elements(poll -> 'options') WITH ORDINALITY AS each (option, ordinal);
    RETURN add_to_json(jsonb_set(poll, '{options}', options), '{voters}', 1);
END $$;

CREATE OR REPLACE FUNCTION add_to_json(document jsonb, path text[], delta integer) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN jsonb_set(document, path, to_jsonb((document #>> path)::integer + delta));

-- An event of a stream as those see it who have a view of their own: its number and its payload for each of them.
CREATE OR REPLACE FUNCTION own_views(stream_id uuid, seq bigint, payload jsonb)
RETURNS TABLE (user_id uuid, own_seq bigint, own_payload jsonb) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT o.user_id, own_views.seq + max(o.number), event_as_seen(payload, o.user_id)
    FROM own_events o WHERE o.stream_id = own_views.stream_id GROUP BY o.user_id;
END $$;

-- The events of a stream as one reader sees them, who has a view of their own, after a number and up to another one.
CREATE OR REPLACE FUNCTION reader_events(stream_id uuid, reader_id uuid, after_seq bigint, up_to bigint)
RETURNS TABLE (seq bigint, type text, payload jsonb, created_at timestamptz) LANGUAGE plpgsql STABLE AS $$
DECLARE
    own_count bigint := own_event_count(stream_id, reader_id);
BEGIN
    RETURN QUERY
    SELECT merged.seq, merged.type, merged.payload, merged.created_at
    FROM (
        SELECT e.seq + (SELECT count(*) FROM own_events o
                        WHERE o.stream_id = reader_events.stream_id AND o.user_id = reader_id AND o.number > 0
                          AND o.after_seq < e.seq) AS seq,
               e.type, event_as_seen(e.payload, reader_id) AS payload, e.created_at
        FROM events e
        WHERE e.stream_id = reader_events.stream_id AND e.seq > reader_events.after_seq - own_count AND e.seq <= up_to
        UNION ALL
        SELECT o.after_seq + o.number, e.type, e.payload, e.created_at
        FROM own_events o
        JOIN events e ON e.stream_id = own_stream_id(reader_events.stream_id, reader_id) AND e.seq = o.number
        WHERE o.stream_id = reader_events.stream_id AND o.user_id = reader_id
          AND o.after_seq + o.number > reader_events.after_seq AND o.after_seq + o.number <= up_to
    ) AS merged
    WHERE merged.seq > reader_events.after_seq AND merged.seq <= up_to
    ORDER BY merged.seq;
END $$;

-- The data of an own event about a post, as the reader sees the post.
CREATE OR REPLACE FUNCTION own_post_event(post_id uuid, reader_id uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('post', p.post::jsonb - '{my_vote,head,blocked,new_account_votes}'::text[] #- '{poll,my_choices}')
            FROM posts_json(ARRAY[post_id], reader_id, false) p);
END $$;

-- The data of own events about a hidden comment, for each reader who gets one: the author, and the one whose withheld comment
-- it is below. Moderators see it too, and get no event.
CREATE OR REPLACE FUNCTION own_comment_events(comment_id uuid) RETURNS TABLE (user_id uuid, payload jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    comment       comments;
    hidden_by     uuid[];
    is_moderator  boolean;
    comment_count integer;
    reply_count   integer;
BEGIN
    SELECT * INTO comment FROM comments c WHERE c.id = comment_id;
    hidden_by := ARRAY (SELECT DISTINCT c.author_id FROM comments c
                        WHERE c.post_id = comment.post_id AND c.withheld IS NOT NULL
                          AND (c.id = comment_id OR c.id = ANY (comment.path)));
    FOR user_id IN SELECT comment.author_id UNION SELECT hidden_by[1] WHERE cardinality(hidden_by) = 1 LOOP
        is_moderator := role_at_comment(comment, user_id) IN ('owner', 'moderator');
        CONTINUE WHEN is_moderator IS NULL;
        SELECT k.comment_count + seen_hidden_comments(k.post_id, k.hidden_comment_count, user_id, is_moderator)
        INTO comment_count FROM post_counts k WHERE k.post_id = comment.post_id;
        payload := jsonb_build_object(
            'comment', comment_json(comment, user_id, is_moderator)::jsonb - '{my_vote,blocked,new_account_votes}'::text[],
            'post', jsonb_build_object('id', comment.post_id, 'comment_count', comment_count));
        SELECT c.reply_count + seen_withheld_replies(c.post_id, c.id, c.withheld_reply_count, user_id, is_moderator)
        INTO reply_count FROM comments c WHERE c.id = comment.parent_id;
        IF FOUND THEN
            payload := payload || jsonb_build_object(
                'parent', jsonb_build_object('id', comment.parent_id, 'reply_count', reply_count));
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
