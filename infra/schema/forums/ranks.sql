-- The ranks by which posts and comments are ordered.
--
-- Ranks change while a client pages through a list. So a rank has versions, and all pages of a list read the versions of the
-- time at which its first page was read: paging neither repeats nor skips a post.
--
-- Time is cut into epochs of 30 s. A change writes the version that begins with the *next* epoch, and may overwrite it until
-- then. A list starts at the last boundary that is at least 12 s ago: everything that was to be written before that boundary
-- has been committed by now, because a statement of the functions' role ends after 10 s. A version that ended 15 minutes ago
-- is not read any more.
CREATE OR REPLACE FUNCTION next_rank_epoch() RETURNS timestamptz LANGUAGE sql VOLATILE
    RETURN to_timestamp((floor(extract(epoch FROM clock_timestamp()) / 30) + 1) * 30);
CREATE OR REPLACE FUNCTION settled_rank_epoch() RETURNS timestamptz LANGUAGE sql VOLATILE
    RETURN to_timestamp(floor((extract(epoch FROM clock_timestamp()) - 12) / 30) * 30);

CREATE OR REPLACE FUNCTION hot_rank(score integer, created_at timestamptz) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sign(score) * log(greatest(abs(score), 1)) + extract(epoch FROM created_at) / 45000;

-- Favours young posts: ten times the score is worth 2.5 hours here, 12.5 hours in hot_rank.
CREATE OR REPLACE FUNCTION rising_rank(score integer, created_at timestamptz) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sign(score) * log(greatest(abs(score), 1)) + extract(epoch FROM created_at) / 9000;

-- High for many votes with as many up as down. Null if all votes agree.
CREATE OR REPLACE FUNCTION controversial_rank(ups integer, downs integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ups > 0 AND downs > 0
           THEN power(ups + downs, least(ups, downs)::double precision / greatest(ups, downs)) END;

-- The lower bound of the share of up-votes with 95 % confidence (the Wilson score interval), so that a few votes do not
-- outrank many.
CREATE OR REPLACE FUNCTION best_rank(ups integer, downs integer) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ups + downs = 0 THEN 0 ELSE
        (ups + 1.9208 - 1.96 * sqrt(ups::double precision * downs / (ups + downs) + 0.9604)) / (ups + downs + 3.8416) END;

-- Writes the ranks of a post after a change of its votes, or its first ranks. The caller has locked the row in post_counts.
CREATE OR REPLACE FUNCTION rank_post(post_id uuid, forum_id uuid, created_at timestamptz, ups integer, downs integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_epoch timestamptz := next_rank_epoch();
    age        interval := clock_timestamp() - created_at;
    new_score  integer := ups - downs;
BEGIN
    UPDATE post_ranks r
    SET score = new_score, hot = hot_rank(new_score, rank_post.created_at), controversial = controversial_rank(ups, downs),
        rising = CASE WHEN r.rising IS NOT NULL THEN rising_rank(new_score, rank_post.created_at) END
    WHERE r.post_id = rank_post.post_id AND r.until = 'infinity' AND r.since >= next_epoch;
    IF FOUND THEN
        RETURN;
    END IF;
    DELETE FROM post_ranks r WHERE r.post_id = rank_post.post_id AND r.until < clock_timestamp() - interval '15 minutes';
    UPDATE post_ranks r SET until = next_epoch WHERE r.post_id = rank_post.post_id AND r.until = 'infinity';
    INSERT INTO post_ranks (post_id, since, forum_id, created_at, score, hot, rising, controversial, day, week, month)
    VALUES (post_id, CASE WHEN FOUND THEN next_epoch ELSE '-infinity' END, forum_id, created_at, new_score,
            hot_rank(new_score, created_at), CASE WHEN age < interval '2 days' THEN rising_rank(new_score, created_at) END,
            controversial_rank(ups, downs), age < interval '1 day', age < interval '7 days', age < interval '30 days');
END $$;

-- As rank_post, for a comment. The caller has locked the row of the comment.
CREATE OR REPLACE FUNCTION rank_comment(comment_id uuid, parent_id uuid, ups integer, downs integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_epoch timestamptz := next_rank_epoch();
BEGIN
    UPDATE comment_ranks r SET best = best_rank(ups, downs)
    WHERE r.comment_id = rank_comment.comment_id AND r.until = 'infinity' AND r.since >= next_epoch;
    IF FOUND THEN
        RETURN;
    END IF;
    DELETE FROM comment_ranks r
    WHERE r.comment_id = rank_comment.comment_id AND r.until < clock_timestamp() - interval '15 minutes';
    UPDATE comment_ranks r SET until = next_epoch WHERE r.comment_id = rank_comment.comment_id AND r.until = 'infinity';
    INSERT INTO comment_ranks (comment_id, since, parent_id, best)
    VALUES (comment_id, CASE WHEN FOUND THEN next_epoch ELSE '-infinity' END, parent_id, best_rank(ups, downs));
END $$;

-- Clears `day`, `week`, `month` and `rising` of posts that are too old for them: a batch of the posts created after `after`,
-- the oldest first. Returns the time up to which it went, or null at the end. A list that started 15 minutes ago still finds
-- what it reads. It waits for no lock: a row that is being changed is left for the next run, and queries compare the age too.
CREATE OR REPLACE FUNCTION expire_ranks(after timestamptz, batch_size integer) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    latest  timestamptz := clock_timestamp() - interval '20 minutes';
    reached timestamptz;
BEGIN
    SELECT max(batch.created_at) INTO reached
    FROM (SELECT r.created_at FROM post_ranks r
          WHERE r.month AND r.created_at > after AND r.created_at < latest - interval '1 day'
          ORDER BY r.created_at LIMIT batch_size) AS batch;
    WITH expired AS (
        SELECT r.post_id, r.since FROM post_ranks r
        WHERE r.month AND r.created_at > after AND r.created_at <= reached
          AND (r.day OR (r.week AND r.created_at < latest - interval '7 days') OR r.created_at < latest - interval '30 days'
               OR (r.rising IS NOT NULL AND r.created_at < latest - interval '2 days'))
        FOR UPDATE SKIP LOCKED
    )
    UPDATE post_ranks r
    SET day = false, week = r.week AND r.created_at >= latest - interval '7 days',
        month = r.created_at >= latest - interval '30 days',
        rising = CASE WHEN r.created_at >= latest - interval '2 days' THEN r.rising END
    FROM expired WHERE r.post_id = expired.post_id AND r.since = expired.since;
    RETURN reached;
END $$;
