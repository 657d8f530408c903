-- Counting the votes of a user whose shadow ban is over.

-- Counts at most `page_size` votes and poll choices of the user in a forum that were made under a shadow ban. Returns how many.
-- The caller has locked the forum. Karma is added last, in the order of the users, because a voter locks the
-- counts of one target and then the karma of one author.
CREATE OR REPLACE FUNCTION count_votes_of(forum_id uuid, user_id uuid, page_size integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    vote   record;
    counts record;
    karma  jsonb := '{}';
    number integer := 0;
BEGIN
    FOR vote IN
        SELECT v.target_id, v.value, coalesce(c.author_id, p.author_id) AS author_id, c.parent_id, p.id AS post_id,
               p.forum_id, p.created_at, coalesce(p.deleted_at, p.removed_at) IS NULL AS is_listed
        FROM votes v
        LEFT JOIN comments c ON c.id = v.target_id
        JOIN posts p ON p.id = coalesce(c.post_id, v.target_id)
        WHERE v.user_id = count_votes_of.user_id AND NOT v.counted AND p.forum_id = count_votes_of.forum_id
        ORDER BY v.target_id LIMIT page_size
        FOR UPDATE OF v
    LOOP
        UPDATE votes v SET counted = true WHERE v.target_id = vote.target_id AND v.user_id = count_votes_of.user_id;
        IF vote.parent_id IS NOT NULL THEN
            UPDATE comments c
            SET ups = c.ups + (vote.value = 1)::integer, downs = c.downs + (vote.value = -1)::integer, score = c.score + vote.value
            WHERE c.id = vote.target_id RETURNING c.ups, c.downs INTO counts;
            PERFORM rank_comment(vote.target_id, vote.parent_id, counts.ups, counts.downs);
        ELSE
            UPDATE post_counts c
            SET ups = c.ups + (vote.value = 1)::integer, downs = c.downs + (vote.value = -1)::integer, score = c.score + vote.value
            WHERE c.post_id = vote.target_id RETURNING c.ups, c.downs INTO counts;
            IF vote.is_listed THEN
                PERFORM rank_post(vote.post_id, vote.forum_id, vote.created_at, counts.ups, counts.downs);
            END IF;
        END IF;
        karma := jsonb_set(karma, ARRAY[vote.author_id::text],
                           to_jsonb(coalesce((karma ->> vote.author_id::text)::integer, 0) + vote.value));
        number := number + 1;
    END LOOP;
    FOR vote IN
        SELECT v.post_id, array_agg(v.place) AS places FROM poll_votes v JOIN posts p ON p.id = v.post_id
        WHERE v.user_id = count_votes_of.user_id AND NOT v.counted AND p.forum_id = count_votes_of.forum_id
        GROUP BY v.post_id ORDER BY v.post_id LIMIT page_size
    LOOP
        UPDATE polls p SET voters = p.voters + 1 WHERE p.post_id = vote.post_id;
        UPDATE poll_votes v SET counted = true WHERE v.post_id = vote.post_id AND v.user_id = count_votes_of.user_id;
        UPDATE poll_options o SET votes = o.votes + 1 WHERE o.post_id = vote.post_id AND o.place = ANY (vote.places);
        number := number + 1;
    END LOOP;
    PERFORM add_karma(points.key::uuid, points.value::integer)
    FROM (SELECT * FROM jsonb_each_text(karma) ORDER BY key) AS points;
    RETURN number;
END $$;
