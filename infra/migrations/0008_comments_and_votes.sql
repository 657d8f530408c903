-- Comments as a tree in pages, and votes that are counted where they are cast.

-- A comment's text leaves the log with the comment: this finds the events that repeat it.
CREATE INDEX events_of_comments ON events ((payload -> 'comment' ->> 'id'))
    WHERE type IN ('comment.created', 'comment.updated');

-- A comment as the wire shows it. What was deleted or removed says nothing, but to moderators, who may have to restore it.
-- `my_vote` is said to a reader; an event is for everybody, and has none.
CREATE FUNCTION comment_json(c comments, reader uuid, moderates boolean) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    is_silent boolean := c.deleted_at IS NOT NULL OR (c.removed_at IS NOT NULL AND NOT moderates);
    author    json;
    mine      smallint;
BEGIN
    SELECT json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name) INTO author
    FROM users u WHERE u.id = c.author_id;
    IF reader IS NULL THEN
        RETURN json_build_object(
            'id', c.id, 'post_id', c.post_id, 'parent_id', nullif(c.parent_id, c.post_id), 'depth', cardinality(c.path),
            'author', author, 'body', CASE WHEN is_silent THEN '' ELSE c.body END,
            'body_html', CASE WHEN is_silent THEN '' ELSE c.body_html END, 'score', c.score, 'ups', c.ups,
            'downs', c.downs, 'reply_count', c.reply_count, 'version', c.version, 'created_at', rfc3339(c.created_at),
            'edited_at', rfc3339(c.edited_at), 'deleted_at', rfc3339(c.deleted_at), 'removed_at', rfc3339(c.removed_at));
    END IF;
    SELECT v.value INTO mine FROM votes v WHERE v.target_id = c.id AND v.user_id = reader;
    RETURN json_build_object(
        'id', c.id, 'post_id', c.post_id, 'parent_id', nullif(c.parent_id, c.post_id), 'depth', cardinality(c.path),
        'author', author, 'body', CASE WHEN is_silent THEN '' ELSE c.body END,
        'body_html', CASE WHEN is_silent THEN '' ELSE c.body_html END, 'score', c.score, 'ups', c.ups,
        'downs', c.downs, 'my_vote', coalesce(mine, 0), 'reply_count', c.reply_count, 'version', c.version,
        'created_at', rfc3339(c.created_at), 'edited_at', rfc3339(c.edited_at), 'deleted_at', rfc3339(c.deleted_at),
        'removed_at', rfc3339(c.removed_at));
END $$;

-- Whether somebody who may read the forum as `role` sees what has been written there by a shadow-banned person.
CREATE FUNCTION sees_shadowed(author uuid, reader uuid, role text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN author = reader OR role IN ('owner', 'moderator');

-- Writes a comment and counts it. Whoever calls holds the stream of the post and has looked whether they may.
--
-- `told`: as all see it; the counts are those of the comment it answers (null where that is the post) and of the post.
CREATE FUNCTION write_comment(
    new_id uuid, place uuid, answered uuid, writer uuid, said text, said_html text, unseen boolean, moment timestamptz,
    OUT told json, OUT replies integer, OUT comments integer
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    parent  comments;
    written comments;
BEGIN
    SELECT * INTO parent FROM comments WHERE id = answered;
    INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, shadowed, created_at)
    VALUES (new_id, place, coalesce(answered, place), CASE WHEN answered IS NULL THEN '{}' ELSE parent.path || answered END,
            writer, said, said_html, unseen, moment)
    RETURNING * INTO written;
    PERFORM rank_comment(new_id, written.parent_id, 0, 0);
    IF NOT unseen THEN
        UPDATE comments SET reply_count = reply_count + 1 WHERE id = answered RETURNING reply_count INTO replies;
        UPDATE post_counts
        SET comment_count = comment_count + 1, reply_count = reply_count + (answered IS NULL)::integer
        WHERE post_id = place RETURNING comment_count INTO comments;
        UPDATE forums SET active_at = moment
        WHERE id = (SELECT forum_id FROM posts WHERE id = place) AND active_at < moment - interval '1 minute';
    END IF;
    told := comment_json(written, NULL, false);
END $$;

-- A cursor as cgraph.core.pagination reads it.
CREATE FUNCTION list_cursor(scope text, body text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT rtrim(translate(encode(
        substr(sha256(convert_to(scope, 'UTF8') || '\x00'::bytea || convert_to(body, 'UTF8')), 1, 6)
            || convert_to(body, 'UTF8'), 'base64'), E'+/\n', '-_'), '=')
$$;

-- Replies to a post or a comment from a place in their order on. By rank, the ranks are those of `moment`.
CREATE FUNCTION replies_to(
    asked uuid, sorted text, moment timestamptz, after_rank double precision, after_id uuid, at_most integer
) RETURNS TABLE (rank double precision, reply comments) LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF sorted = 'best' THEN
        RETURN QUERY
            SELECT r.best, c
            FROM comment_ranks r JOIN comments c ON c.id = r.comment_id
            WHERE r.parent_id = asked AND (r.best, r.comment_id) < (after_rank, after_id)
              AND r.since <= moment AND r.until > moment
            ORDER BY r.best DESC, r.comment_id DESC
            LIMIT at_most;
    ELSIF sorted = 'new' THEN
        RETURN QUERY
            SELECT 0::double precision, c FROM comments c
            WHERE c.parent_id = asked AND c.id < after_id ORDER BY c.id DESC LIMIT at_most;
    ELSE
        RETURN QUERY
            SELECT 0::double precision, c FROM comments c
            WHERE c.parent_id = asked AND c.id > after_id ORDER BY c.id LIMIT at_most;
    END IF;
END $$;

-- One level of the tree and `levels` below it, of which each comment shows three replies.
--
-- Each level says how many `more` there are and where they go on; `seen` were shown before, of `total`. `room` is how many
-- characters the page may still take: a level ends where there is none, and goes on with its own cursor.
CREATE FUNCTION comment_level(
    asked uuid, total integer, seen integer, sorted text, moment timestamptz, after_rank double precision, after_id uuid,
    at_most integer, levels integer, reader uuid, role text, wide boolean, INOUT room integer, OUT shown text
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    first_id constant uuid := CASE WHEN sorted = 'old' THEN '00000000-0000-0000-0000-000000000000'
                                   ELSE 'ffffffff-ffff-ffff-ffff-ffffffffffff' END;
    epoch    constant bigint := CASE WHEN sorted = 'best' THEN extract(epoch FROM moment) ELSE 0 END;
    items    text[] := '{}';
    scanned  integer := 0;
    going_on boolean := false;
    found    record;
    c        comments;
    below    text;
    item     text;
BEGIN
    FOR found IN SELECT * FROM replies_to(asked, sorted, moment, after_rank, after_id, at_most + 1) LOOP
        going_on := scanned >= at_most OR (room <= 0 AND scanned > 0);
        EXIT WHEN going_on;
        c := found.reply;
        scanned := scanned + 1;
        after_rank := found.rank;
        after_id := c.id;
        CONTINUE WHEN c.shadowed AND NOT sees_shadowed(c.author_id, reader, role);
        seen := seen + (NOT c.shadowed)::integer;
        item := comment_json(c, reader, role IN ('owner', 'moderator'));
        room := room - length(item);
        IF (c.reply_count > 0 OR wide) AND levels > 0 AND room > 0 THEN
            SELECT l.room, l.shown INTO room, below
            FROM comment_level(c.id, c.reply_count, 0, sorted, moment, 'infinity', first_id, 3, levels - 1, reader, role,
                               wide, room) l;
        ELSIF c.reply_count > 0 OR wide THEN
            below := level_json('{}', c.reply_count, CASE WHEN c.reply_count > 0 OR has_replies(c.id) THEN
                level_cursor(c.id, sorted, epoch, 'infinity', first_id, 0) END);
        ELSE
            below := '{"items":[],"more":0,"next":null}';
        END IF;
        items := items || (left(item, -1) || ', "replies" : ' || below || '}');
    END LOOP;
    shown := level_json(items, CASE WHEN going_on THEN greatest(total - seen, 1) ELSE 0 END, CASE WHEN going_on THEN
        level_cursor(asked, sorted, epoch, after_rank, after_id, seen) END);
END $$;

CREATE FUNCTION level_json(items text[], more integer, next text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '{"items":[' || array_to_string(items, ',') || '],"more":' || more || ',"next":'
        || coalesce('"' || next || '"', 'null') || '}'
$$;

CREATE FUNCTION has_replies(asked uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM comments WHERE parent_id = asked);
END $$;

CREATE FUNCTION level_cursor(
    asked uuid, sorted text, epoch bigint, after_rank double precision, after_id uuid, seen integer
) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT list_cursor('comments:' || asked || ':' || sorted, format('[%s,"%s","%s",%s]', epoch, after_rank, after_id, seen))
$$;

-- May they, and a page of the tree: one round trip. `role` null: they may not know of the post. `shown` null: there is no such
-- comment to begin under, or (`expired`) what the cursor's walk read is not kept any more.
--
-- `moment` null: a walk begins. The page is cut at a million characters: what a function answers has a bound.
CREATE FUNCTION comment_tree(
    place uuid, begin_under uuid, reader uuid, sorted text, moment timestamptz, after_rank double precision, after_id uuid,
    seen integer, at_most integer, OUT role text, OUT expired boolean, OUT shown text
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    post   posts;
    parent comments;
    total  integer;
BEGIN
    SELECT * INTO post FROM posts p WHERE p.id = place;
    role := forum_role(post.forum_id, reader);
    IF post.shadowed AND NOT sees_shadowed(post.author_id, reader, role) THEN
        role := NULL;
    END IF;
    IF role IS NULL THEN
        RETURN;
    END IF;
    expired := moment < clock_timestamp() - interval '15 minutes';
    IF expired THEN
        RETURN;
    END IF;
    IF begin_under IS NULL THEN
        SELECT reply_count INTO total FROM post_counts WHERE post_id = place;
    ELSE
        SELECT * INTO parent FROM comments c WHERE c.id = begin_under AND c.post_id = place;
        IF parent.id IS NULL OR (parent.shadowed AND NOT sees_shadowed(parent.author_id, reader, role)) THEN
            RETURN;
        END IF;
        total := parent.reply_count;
    END IF;
    SELECT l.shown INTO shown
    FROM comment_level(coalesce(begin_under, place), total, seen, sorted, least(moment, settled_rank_epoch()), after_rank,
                       after_id, at_most, 2, reader, role,
                       role IN ('owner', 'moderator') OR is_shadowed(post.forum_id, reader), 1000000) l;
END $$;

-- Counts a vote: may they, the vote, the score, the ranks, the author's karma, in one statement and one round trip.
--
-- The person's own vote comes first (two of theirs at once are in order), then the row that all who vote here share, held
-- from there to the commit and no longer, and the karma of the author, whom others vote for elsewhere, last. `role` null: it
-- is not theirs to know of. Votes of the shadow-banned are kept and not counted; what they had counted before is taken back.
-- `told`: others are to see the new score.
--
-- What `moved` the score commits without waiting for the disk: the next voter had to wait for that too. Whoever calls waits
-- for it afterwards (flush_log), when the row is free.
CREATE FUNCTION cast_vote(
    target uuid, on_comment boolean, voter uuid, choice integer, allowed text[], moment timestamptz,
    OUT role text, OUT refusal text, OUT ups integer, OUT downs integer, OUT score integer, OUT moved boolean, OUT told boolean,
    OUT post_id uuid, OUT forum_id uuid, OUT private boolean
) LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    post    posts;
    comment comments;
    setting forums;
    author  uuid;
    counts  boolean;
    before  votes;
    up      integer := 0;
    down    integer := 0;
BEGIN
    IF on_comment THEN
        SELECT * INTO comment FROM comments c WHERE c.id = target;
    END IF;
    SELECT * INTO post FROM posts p WHERE p.id = CASE WHEN on_comment THEN comment.post_id ELSE target END;
    SELECT * INTO setting FROM forums f WHERE f.id = post.forum_id;
    role := forum_role(post.forum_id, voter);
    IF (post.shadowed AND NOT sees_shadowed(post.author_id, voter, role))
            OR (comment.shadowed AND NOT sees_shadowed(comment.author_id, voter, role)) THEN
        role := NULL;
    END IF;
    author := CASE WHEN on_comment THEN comment.author_id ELSE post.author_id END;
    IF role IS NULL OR role <> ALL (allowed) THEN
        RETURN;
    END IF;
    refusal := CASE
        WHEN role IN ('owner', 'moderator') OR setting.posting = 'everyone' THEN NULL
        WHEN setting.posting = 'moderators' OR role = 'visitor' THEN setting.posting END;
    refusal := CASE
        WHEN refusal IS NOT NULL THEN refusal
        WHEN author = voter THEN 'own'
        WHEN on_comment AND coalesce(comment.deleted_at, comment.removed_at) IS NOT NULL THEN 'comment_gone'
        WHEN coalesce(post.deleted_at, post.removed_at) IS NOT NULL THEN 'post_gone' END;
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    counts := NOT is_shadowed(post.forum_id, voter);
    post_id := post.id;
    forum_id := post.forum_id;
    private := setting.visibility = 'private';

    LOOP
        SELECT * INTO before FROM votes v WHERE v.target_id = target AND v.user_id = voter FOR UPDATE;
        IF FOUND AND choice = 0 THEN
            DELETE FROM votes v WHERE v.target_id = target AND v.user_id = voter;
        ELSIF FOUND THEN
            UPDATE votes v SET value = choice, counted = counts, created_at = moment
            WHERE v.target_id = target AND v.user_id = voter AND (v.value, v.counted) IS DISTINCT FROM (choice, counts);
        ELSIF choice <> 0 THEN
            INSERT INTO votes (target_id, user_id, value, counted, created_at)
            VALUES (target, voter, choice, counts, moment) ON CONFLICT DO NOTHING;
            CONTINUE WHEN NOT FOUND; -- another of theirs came between
        END IF;
        EXIT;
    END LOOP;
    IF before.counted THEN
        up := -(before.value = 1)::integer;
        down := -(before.value = -1)::integer;
    END IF;
    IF counts THEN
        up := up + (choice = 1)::integer;
        down := down + (choice = -1)::integer;
    END IF;
    moved := up <> down;
    told := moved AND NOT (post.shadowed OR coalesce(comment.shadowed, false));
    IF moved THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    IF NOT moved THEN
        SELECT * INTO ups, downs, score FROM votes_for(target, on_comment);
    ELSIF on_comment THEN
        UPDATE comments c SET ups = c.ups + up, downs = c.downs + down, score = c.score + up - down
        WHERE c.id = target RETURNING c.ups, c.downs, c.score INTO ups, downs, score;
        PERFORM rank_comment(target, comment.parent_id, ups, downs);
    ELSE
        UPDATE post_counts c SET ups = c.ups + up, downs = c.downs + down, score = c.score + up - down
        WHERE c.post_id = target RETURNING c.ups, c.downs, c.score INTO ups, downs, score;
        -- As it is under that lock: moved meanwhile, or gone from the lists.
        SELECT * INTO post FROM posts p WHERE p.id = target;
        IF post.deleted_at IS NULL AND post.removed_at IS NULL THEN
            PERFORM rank_post(target, post.forum_id, post.created_at, ups, downs);
        END IF;
    END IF;
    IF moved THEN
        PERFORM add_karma(author, up - down);
    END IF;
    IF NOT counts THEN -- to themselves it looks as if it had been
        ups := ups + (choice = 1)::integer;
        downs := downs + (choice = -1)::integer;
        score := score + choice;
    END IF;
END $$;

-- Returns to its caller once everything that was committed before is on the disk: so does the commit of a transaction that
-- writes something, and this writes as little as there is.
CREATE FUNCTION flush_log() RETURNS void LANGUAGE sql AS $$ SELECT pg_logical_emit_message(true, 'flush', '') $$;

CREATE FUNCTION votes_for(target uuid, on_comment boolean, OUT ups integer, OUT downs integer, OUT score integer)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF on_comment THEN
        SELECT c.ups, c.downs, c.score INTO ups, downs, score FROM comments c WHERE c.id = target;
    ELSE
        SELECT c.ups, c.downs, c.score INTO ups, downs, score FROM post_counts c WHERE c.post_id = target;
    END IF;
END $$;

-- Nothing where the person is no more.
CREATE FUNCTION add_karma(person uuid, points integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE user_karma SET karma = karma + points WHERE user_id = person;
    IF NOT FOUND THEN
        INSERT INTO user_karma AS k (user_id, karma) SELECT id, points FROM users WHERE id = person
        ON CONFLICT (user_id) DO UPDATE SET karma = k.karma + excluded.karma;
    END IF;
END $$;
