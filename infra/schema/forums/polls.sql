-- Polls: the JSON with its counts, and a user's choices.

-- The poll of a post, or null. A user whose choices are not counted (a shadow ban) sees them as if they were.
CREATE OR REPLACE FUNCTION poll_json(post_id uuid, reader_id uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    my_choices smallint[] := ARRAY (SELECT v.place FROM poll_votes v
                                    WHERE v.post_id = poll_json.post_id AND v.user_id = reader_id ORDER BY v.place);
    uncounted  smallint[] := ARRAY (SELECT v.place FROM poll_votes v
                                    WHERE v.post_id = poll_json.post_id AND v.user_id = reader_id AND NOT v.counted);
    poll       polls;
    options    json;
BEGIN
    SELECT * INTO poll FROM polls p WHERE p.post_id = poll_json.post_id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT json_agg(json_build_object('place', o.place, 'label', o.label,
                                      'votes', o.votes + (o.place = ANY (uncounted))::integer) ORDER BY o.place)
    INTO options
    FROM poll_options o WHERE o.post_id = poll_json.post_id;
    IF reader_id IS NULL THEN
        RETURN json_build_object('multiple', poll.multiple, 'closes_at', rfc3339(poll.closes_at),
                                 'voters', poll.voters, 'options', options);
    END IF;
    RETURN json_build_object('multiple', poll.multiple, 'closes_at', rfc3339(poll.closes_at),
                             'voters', poll.voters + (uncounted <> '{}')::integer, 'options', options,
                             'my_choices', to_json(my_choices));
END $$;

-- Replaces the user's choices; an empty array takes them back. Returns null, or why the choices were refused: no_poll,
-- closed, single (more than one choice in a poll of one), unknown (no such option). With `is_shadowed` they are kept, but
-- not counted.
--
-- The row of the poll is locked first, so that the counts and the choices are changed together.
CREATE OR REPLACE FUNCTION vote_in_poll(
    post_id uuid, voter_id uuid, choices smallint[], is_shadowed boolean, now_at timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    poll polls;
BEGIN
    SELECT * INTO poll FROM polls p WHERE p.post_id = vote_in_poll.post_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'no_poll';
    ELSIF poll.closes_at <= clock_timestamp() THEN
        RETURN 'closed';
    ELSIF cardinality(choices) > 1 AND NOT poll.multiple THEN
        RETURN 'single';
    ELSIF EXISTS (SELECT unnest(choices)
                  EXCEPT SELECT o.place FROM poll_options o WHERE o.post_id = vote_in_poll.post_id) THEN
        RETURN 'unknown';
    END IF;
    WITH previous AS (
        DELETE FROM poll_votes v WHERE v.post_id = vote_in_poll.post_id AND v.user_id = voter_id
        RETURNING v.place, v.counted
    ), change AS (
        SELECT vote.place, sum(vote.number) AS number
        FROM (SELECT previous.place, -1 AS number FROM previous WHERE previous.counted
              UNION ALL SELECT DISTINCT unnest(choices), 1 WHERE NOT is_shadowed) AS vote
        GROUP BY vote.place HAVING sum(vote.number) <> 0
    ), counted AS (
        UPDATE poll_options o SET votes = o.votes + change.number
        FROM change WHERE o.post_id = vote_in_poll.post_id AND o.place = change.place
    )
    UPDATE polls p
    SET voters = p.voters + (choices <> '{}' AND NOT is_shadowed)::integer
               - EXISTS (SELECT FROM previous WHERE previous.counted)::integer
    WHERE p.post_id = vote_in_poll.post_id;
    INSERT INTO poll_votes (post_id, user_id, place, counted, created_at)
    SELECT DISTINCT post_id, voter_id, choice, NOT is_shadowed, now_at FROM unnest(choices) AS choice;
    IF is_shadowed AND choices <> '{}' THEN
        PERFORM begin_own_view(ARRAY[post_id, (SELECT p.forum_id FROM posts p WHERE p.id = vote_in_poll.post_id)], voter_id);
    END IF;
    RETURN NULL;
END $$;
