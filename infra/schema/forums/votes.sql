-- Votes on posts and comments, counted in the statement that casts them.

-- Sets a user's vote: 1, -1, or 0 for none. Checks access, writes the vote, the score, the ranks and the author's karma, in
-- one statement and one round trip.
--
-- The user's own vote is locked first, so that two requests of one user are in order. The row of counts that all voters share
-- is locked from there to the commit and no longer. The karma of the author, for whom others vote elsewhere, comes last.
-- `role` is null if the user may not know of the target. A vote under a shadow ban is kept but not counted; if it was counted
-- before, that is taken back. `is_visible` says whether subscribers may be shown the new score, if the vote is not
-- counted only the voter; `has_uncounted`, that the score is not the same for all.
--
-- If the score changed, the transaction commits without waiting for the disk: the next voter would have to wait for that too.
-- The caller waits for it afterwards with wait_until_durable(), when the row is free.
CREATE OR REPLACE FUNCTION set_vote(
    target_id uuid, is_comment boolean, voter_id uuid, new_value integer, allowed_roles text[], now_at timestamptz,
    OUT role text, OUT refusal text, OUT ups integer, OUT downs integer, OUT score integer, OUT score_changed boolean,
    OUT is_visible boolean, OUT is_counted boolean, OUT has_uncounted boolean, OUT post_id uuid, OUT forum_id uuid,
    OUT is_private boolean
) LANGUAGE plpgsql AS $$
DECLARE
    post       posts;
    comment    comments;
    forum      forums;
    author_id  uuid;
    previous   votes;
    up_delta   integer := 0;
    down_delta integer := 0;
BEGIN
    IF is_comment THEN
        SELECT * INTO comment FROM comments c WHERE c.id = target_id;
    END IF;
    SELECT * INTO post FROM posts p WHERE p.id = CASE WHEN is_comment THEN comment.post_id ELSE target_id END;
    SELECT * INTO forum FROM forums f WHERE f.id = post.forum_id;
    role := CASE WHEN is_comment THEN role_at_comment(comment, voter_id) ELSE role_at_post(post, voter_id) END;
    author_id := CASE WHEN is_comment THEN comment.author_id ELSE post.author_id END;
    IF role IS NULL OR role <> ALL (allowed_roles) THEN
        RETURN;
    END IF;
    refusal := CASE
        WHEN role IN ('owner', 'moderator') OR forum.posting = 'everyone' THEN NULL
        WHEN forum.posting = 'moderators' OR role = 'visitor' THEN forum.posting END;
    refusal := CASE
        WHEN refusal IS NOT NULL THEN refusal
        WHEN author_id = voter_id THEN 'own'
        WHEN is_comment AND coalesce(comment.deleted_at, comment.removed_at) IS NOT NULL THEN 'comment_gone'
        WHEN coalesce(post.deleted_at, post.removed_at) IS NOT NULL THEN 'post_gone' END;
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    is_counted := NOT is_shadow_banned(post.forum_id, voter_id);
    post_id := post.id;
    forum_id := post.forum_id;
    is_private := forum.visibility = 'private';

    LOOP
        SELECT * INTO previous FROM votes v WHERE v.target_id = set_vote.target_id AND v.user_id = voter_id FOR UPDATE;
        IF FOUND AND new_value = 0 THEN
            DELETE FROM votes v WHERE v.target_id = set_vote.target_id AND v.user_id = voter_id;
        ELSIF FOUND THEN
            UPDATE votes v SET value = new_value, counted = is_counted, created_at = now_at
            WHERE v.target_id = set_vote.target_id AND v.user_id = voter_id
              AND (v.value, v.counted) IS DISTINCT FROM (new_value, is_counted);
        ELSIF new_value <> 0 THEN
            INSERT INTO votes (target_id, user_id, value, counted, created_at)
            VALUES (target_id, voter_id, new_value, is_counted, now_at) ON CONFLICT DO NOTHING;
            CONTINUE WHEN NOT FOUND; -- another request of this user wrote it meanwhile
        END IF;
        EXIT;
    END LOOP;
    IF NOT is_counted AND new_value <> 0 THEN
        PERFORM begin_own_view(ARRAY[post_id, forum_id], voter_id);
    END IF;
    IF previous.counted THEN
        up_delta := -(previous.value = 1)::integer;
        down_delta := -(previous.value = -1)::integer;
    END IF;
    IF is_counted THEN
        up_delta := up_delta + (new_value = 1)::integer;
        down_delta := down_delta + (new_value = -1)::integer;
    END IF;
    score_changed := up_delta <> down_delta;
    has_uncounted := NOT is_counted OR EXISTS (SELECT FROM votes v WHERE v.target_id = set_vote.target_id AND NOT v.counted);
    is_visible := (score_changed OR NOT is_counted) AND coalesce(post.withheld, comment.withheld) IS NULL
        AND NOT coalesce(comment.below_withheld, false);
    IF score_changed THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    IF NOT score_changed THEN
        SELECT * INTO ups, downs, score FROM vote_counts(target_id, is_comment);
    ELSIF is_comment THEN
        UPDATE comments c
        SET ups = c.ups + up_delta, downs = c.downs + down_delta, score = c.score + up_delta - down_delta
        WHERE c.id = target_id RETURNING c.ups, c.downs, c.score INTO ups, downs, score;
        PERFORM rank_comment(target_id, comment.parent_id, ups, downs);
    ELSE
        UPDATE post_counts c
        SET ups = c.ups + up_delta, downs = c.downs + down_delta, score = c.score + up_delta - down_delta
        WHERE c.post_id = target_id RETURNING c.ups, c.downs, c.score INTO ups, downs, score;
        -- Read again under that lock: the post may have been moved, or removed from the lists, meanwhile.
        SELECT * INTO post FROM posts p WHERE p.id = target_id;
        IF post.deleted_at IS NULL AND post.removed_at IS NULL THEN
            PERFORM rank_post(target_id, post.forum_id, post.created_at, ups, downs);
        END IF;
    END IF;
    IF score_changed THEN
        PERFORM add_karma(author_id, up_delta - down_delta);
    END IF;
    IF NOT is_counted THEN -- the voter sees it as if it were counted
        ups := ups + (new_value = 1)::integer;
        downs := downs + (new_value = -1)::integer;
        score := score + new_value;
    END IF;
END $$;

-- Returns when everything that was committed before is on the disk. The commit of a transaction that writes something waits
-- for that, and this writes as little as possible.
CREATE OR REPLACE FUNCTION wait_until_durable() RETURNS void LANGUAGE sql AS $$
    SELECT pg_logical_emit_message(true, 'flush', '')
$$;

CREATE OR REPLACE FUNCTION vote_counts(target_id uuid, is_comment boolean, OUT ups integer, OUT downs integer, OUT score integer)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF is_comment THEN
        SELECT c.ups, c.downs, c.score INTO ups, downs, score FROM comments c WHERE c.id = target_id;
    ELSE
        SELECT c.ups, c.downs, c.score INTO ups, downs, score FROM post_counts c WHERE c.post_id = target_id;
    END IF;
END $$;

-- Does nothing if the user does not exist any more.
CREATE OR REPLACE FUNCTION add_karma(user_id uuid, points integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE user_karma k SET karma = k.karma + points WHERE k.user_id = add_karma.user_id;
    IF NOT FOUND THEN
        INSERT INTO user_karma AS k (user_id, karma) SELECT u.id, points FROM users u WHERE u.id = add_karma.user_id
        ON CONFLICT ON CONSTRAINT user_karma_pkey DO UPDATE SET karma = k.karma + excluded.karma;
    END IF;
END $$;
