-- Posts, their polls, and the lists they are read by.

-- The post's stream and, `forum_too`, its forum's before it, until the transaction ends. Null where it is not there for
-- this reader, who then locks nothing; false where it was moved to another forum just now.
CREATE FUNCTION lock_post(target uuid, reader uuid, forum_too boolean) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    place uuid;
BEGIN
    SELECT forum_id INTO place FROM posts WHERE id = target;
    IF NOT FOUND OR forum_role(place, reader) IS NULL THEN
        RETURN NULL;
    END IF;
    IF forum_too THEN
        PERFORM FROM streams WHERE id = place FOR NO KEY UPDATE;
        IF NOT EXISTS (SELECT FROM posts WHERE id = target AND forum_id = place) THEN
            RETURN false;
        END IF;
    END IF;
    PERFORM FROM streams WHERE id = target FOR NO KEY UPDATE;
    RETURN true;
END $$;

-- The posts of a tag, by their ids. Kept by the triggers below, so that whatever writes posts need not know of it.
CREATE TABLE post_tags (
    forum_id uuid NOT NULL,
    tag      text NOT NULL,
    post_id  uuid NOT NULL REFERENCES posts ON DELETE CASCADE,
    PRIMARY KEY (forum_id, tag, post_id)
);
CREATE INDEX post_tags_by_post ON post_tags (post_id);

CREATE FUNCTION index_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM post_tags WHERE post_id = NEW.id;
    END IF;
    IF NEW.deleted_at IS NULL AND NEW.removed_at IS NULL THEN
        INSERT INTO post_tags (forum_id, tag, post_id)
        SELECT NEW.forum_id, tag, NEW.id FROM unnest(NEW.tags) AS tag ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER posts_tagged AFTER INSERT ON posts FOR EACH ROW WHEN (NEW.tags <> '{}') EXECUTE FUNCTION index_tags();
CREATE TRIGGER posts_retagged AFTER UPDATE OF tags, forum_id, deleted_at, removed_at ON posts FOR EACH ROW
    WHEN ((OLD.tags <> '{}' OR NEW.tags <> '{}')
          AND (OLD.tags, OLD.forum_id, OLD.deleted_at, OLD.removed_at)
              IS DISTINCT FROM (NEW.tags, NEW.forum_id, NEW.deleted_at, NEW.removed_at))
    EXECUTE FUNCTION index_tags();

-- A post's text leaves the log with the post: this finds the events that repeat it.
CREATE INDEX events_of_posts ON events ((payload -> 'post' ->> 'id'))
    WHERE type IN ('post.created', 'post.updated', 'post.moved', 'post.restored');

-- A poll and its tally. To somebody whose choice is not counted it looks as if it were.
CREATE FUNCTION poll_json(asked uuid, reader uuid) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine     smallint[] := ARRAY (SELECT v.place FROM poll_votes v
                                  WHERE v.post_id = asked AND v.user_id = reader ORDER BY v.place);
    unseen   smallint[] := ARRAY (SELECT v.place FROM poll_votes v
                                  WHERE v.post_id = asked AND v.user_id = reader AND NOT v.counted);
    poll     polls;
    options  json;
BEGIN
    SELECT * INTO poll FROM polls WHERE post_id = asked;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT json_agg(json_build_object('place', o.place, 'label', o.label,
                                      'votes', o.votes + (o.place = ANY (unseen))::integer) ORDER BY o.place)
    INTO options
    FROM poll_options o WHERE o.post_id = asked;
    IF reader IS NULL THEN
        RETURN json_build_object('multiple', poll.multiple, 'closes_at', rfc3339(poll.closes_at),
                                 'voters', poll.voters, 'options', options);
    END IF;
    RETURN json_build_object('multiple', poll.multiple, 'closes_at', rfc3339(poll.closes_at),
                             'voters', poll.voters + (unseen <> '{}')::integer, 'options', options,
                             'my_choices', to_json(mine));
END $$;

-- Posts as the wire shows them, in the order asked for. `brief`: as in lists, with the beginning of the text.
--
-- What was deleted or removed says nothing, but what was removed does to moderators, who may have to restore it. `listed`:
-- whether this reader's lists have it. Left to itself, Postgres planned it anew each time (to know `brief` beforehand is worth
-- more than planning costs, it thinks), which took three times what it takes to run.
CREATE FUNCTION posts_shown(asked uuid[], reader uuid, moderates boolean, brief boolean)
RETURNS TABLE (place bigint, id uuid, listed boolean, shown json)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
    SELECT wanted.place, p.id, p.deleted_at IS NULL AND p.removed_at IS NULL
                               AND (NOT p.shadowed OR moderates OR p.author_id = reader), CASE
        WHEN brief THEN json_build_object(
            'id', p.id, 'forum', json_build_object('id', f.id, 'slug', f.slug),
            'author', json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name),
            'kind', p.kind, 'title', said.title, 'excerpt', left(said.body, 280), 'url', said.url,
            'tags', to_json(said.tags), 'poll', said.poll, 'score', c.score, 'ups', c.ups, 'downs', c.downs,
            'comment_count', c.comment_count, 'my_vote', coalesce(v.value, 0),
            'accepted_comment_id', p.accepted_comment_id, 'version', p.version, 'created_at', rfc3339(p.created_at),
            'edited_at', rfc3339(p.edited_at), 'deleted_at', rfc3339(p.deleted_at), 'removed_at', rfc3339(p.removed_at),
            'pinned', p.pinned_at IS NOT NULL, 'locked', p.locked_at IS NOT NULL)
        ELSE json_build_object(
            'id', p.id, 'forum', json_build_object('id', f.id, 'slug', f.slug),
            'author', json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name),
            'kind', p.kind, 'title', said.title, 'body', said.body, 'body_html', said.body_html, 'url', said.url,
            'tags', to_json(said.tags), 'poll', said.poll, 'score', c.score, 'ups', c.ups, 'downs', c.downs,
            'comment_count', c.comment_count, 'my_vote', coalesce(v.value, 0),
            'accepted_comment_id', p.accepted_comment_id, 'version', p.version, 'created_at', rfc3339(p.created_at),
            'edited_at', rfc3339(p.edited_at), 'deleted_at', rfc3339(p.deleted_at), 'removed_at', rfc3339(p.removed_at),
            'pinned', p.pinned_at IS NOT NULL, 'locked', p.locked_at IS NOT NULL,
            'head', (SELECT s.head FROM streams s WHERE s.id = p.id)) END
    FROM unnest(asked) WITH ORDINALITY AS wanted (id, place)
    JOIN posts p ON p.id = wanted.id
    JOIN post_counts c ON c.post_id = p.id
    JOIN forums f ON f.id = p.forum_id
    JOIN users u ON u.id = p.author_id
    LEFT JOIN votes v ON v.target_id = p.id AND v.user_id = reader
    CROSS JOIN LATERAL (SELECT p.deleted_at IS NOT NULL OR (p.removed_at IS NOT NULL AND NOT moderates) AS silent) AS so
    CROSS JOIN LATERAL (
        SELECT CASE WHEN so.silent THEN '' ELSE p.title END AS title, CASE WHEN so.silent THEN '' ELSE p.body END AS body,
               CASE WHEN so.silent THEN '' ELSE p.body_html END AS body_html, CASE WHEN NOT so.silent THEN p.url END AS url,
               CASE WHEN so.silent THEN '{}' ELSE p.tags END AS tags,
               CASE WHEN p.kind = 'poll' AND NOT so.silent THEN poll_json(p.id, reader) END AS poll
    ) AS said
    ORDER BY wanted.place;
END $$;

-- As all see it, for events.
CREATE FUNCTION post_told(asked uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT s.shown::jsonb - '{my_vote,head}'::text[] FROM posts_shown(ARRAY[asked], NULL, false, false) s);
END $$;

-- Puts a post into the lists of its forum, and counts it. Whoever calls holds the streams; the row of counts is held, so
-- that a vote comes before or after.
CREATE FUNCTION list_post(target uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    counts post_counts;
    listed posts;
BEGIN
    SELECT * INTO counts FROM post_counts WHERE post_id = target FOR UPDATE;
    SELECT * INTO listed FROM posts WHERE id = target;
    PERFORM rank_post(target, listed.forum_id, listed.created_at, counts.ups, counts.downs);
    IF NOT listed.shadowed THEN
        UPDATE forums SET post_count = post_count + 1 WHERE id = listed.forum_id;
    END IF;
END $$;

-- And out of them.
CREATE FUNCTION unlist_post(target uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM post_counts WHERE post_id = target FOR UPDATE;
    DELETE FROM post_ranks WHERE post_id = target;
    UPDATE forums SET post_count = post_count - 1
    WHERE id = (SELECT forum_id FROM posts WHERE id = target AND NOT shadowed);
END $$;

CREATE FUNCTION write_post(
    new_id uuid, place uuid, writer uuid, new_kind text, new_title text, said text, said_html text, link text,
    new_tags text[], options text[], several boolean, closing timestamptz, unseen boolean, moment timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO posts (id, forum_id, author_id, kind, title, body, body_html, url, tags, shadowed, created_at)
    VALUES (new_id, place, writer, new_kind, new_title, said, said_html, link, new_tags, unseen, moment);
    INSERT INTO post_counts (post_id) VALUES (new_id);
    INSERT INTO streams (id, kind) VALUES (new_id, 'post');
    IF options IS NOT NULL THEN
        INSERT INTO polls (post_id, multiple, closes_at) VALUES (new_id, several, closing);
        INSERT INTO poll_options (post_id, place, label)
        SELECT new_id, number - 1, label FROM unnest(options) WITH ORDINALITY AS option (label, number);
    END IF;
    PERFORM list_post(new_id);
    IF NOT unseen THEN
        UPDATE forums SET active_at = moment WHERE id = place AND active_at < moment - interval '1 minute';
    END IF;
END $$;

-- What an event told, without the text of a post that is gone.
CREATE FUNCTION without_post(payload jsonb, gone posts) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_set(payload, '{post}', (payload -> 'post') || jsonb_build_object(
        'title', '', 'body', '', 'body_html', '', 'url', NULL, 'tags', '[]'::jsonb, 'poll', NULL,
        'deleted_at', rfc3339(gone.deleted_at), 'removed_at', rfc3339(gone.removed_at)));
END $$;

-- In what the streams have told; `kept`: but in these, or nowhere.
CREATE FUNCTION forget_post(target uuid, kept uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    gone posts;
BEGIN
    SELECT * INTO gone FROM posts WHERE id = target;
    UPDATE events e SET payload = without_post(e.payload, gone)
    WHERE e.payload -> 'post' ->> 'id' = target::text
      AND e.type IN ('post.created', 'post.updated', 'post.moved', 'post.restored') AND e.stream_id <> ALL (kept);
END $$;

-- A person's choices instead of those they had. Null: done; else why not. `unseen`: of somebody who is shadow-banned.
--
-- The row of the poll is held first: what is counted is what is there.
CREATE FUNCTION choose_in_poll(target uuid, voter uuid, choices smallint[], unseen boolean, moment timestamptz)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    poll polls;
BEGIN
    SELECT * INTO poll FROM polls WHERE post_id = target FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'no_poll';
    ELSIF poll.closes_at <= clock_timestamp() THEN
        RETURN 'closed';
    ELSIF cardinality(choices) > 1 AND NOT poll.multiple THEN
        RETURN 'single';
    ELSIF EXISTS (SELECT unnest(choices) EXCEPT SELECT place FROM poll_options WHERE post_id = target) THEN
        RETURN 'unknown';
    END IF;
    WITH gone AS (
        DELETE FROM poll_votes WHERE post_id = target AND user_id = voter RETURNING place, counted
    ), change AS (
        SELECT place, sum(number) AS number
        FROM (SELECT place, -1 AS number FROM gone WHERE counted
              UNION ALL SELECT DISTINCT unnest(choices), 1 WHERE NOT unseen) AS each
        GROUP BY place HAVING sum(number) <> 0
    ), counted AS (
        UPDATE poll_options o SET votes = votes + change.number
        FROM change WHERE o.post_id = target AND o.place = change.place
    )
    UPDATE polls
    SET voters = voters + (choices <> '{}' AND NOT unseen)::integer - EXISTS (SELECT FROM gone WHERE counted)::integer
    WHERE post_id = target;
    INSERT INTO poll_votes (post_id, user_id, place, counted, created_at)
    SELECT DISTINCT target, voter, choice, NOT unseen, moment FROM unnest(choices) AS choice;
    RETURN NULL;
END $$;

-- A forum's posts from a place in their order on. But by age, the ranks are those of `moment`.
CREATE FUNCTION posts_of(
    forum uuid, sorted text, tagged text, moment timestamptz, after_rank double precision, after_id uuid, at_most integer
) RETURNS TABLE (post_id uuid, rank double precision) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    CASE sorted
    WHEN 'new' THEN RETURN QUERY
        SELECT p.id, 0::double precision FROM posts p
        WHERE p.forum_id = forum AND p.deleted_at IS NULL AND p.removed_at IS NULL AND p.id < after_id
        ORDER BY p.id DESC LIMIT at_most;
    WHEN 'tag' THEN RETURN QUERY
        SELECT t.post_id, 0::double precision FROM post_tags t
        WHERE t.forum_id = forum AND t.tag = tagged AND t.post_id < after_id
        ORDER BY t.post_id DESC LIMIT at_most;
    WHEN 'hot' THEN RETURN QUERY
        SELECT r.post_id, r.hot FROM post_ranks r
        WHERE r.forum_id = forum AND (r.hot, r.post_id) < (after_rank, after_id)
          AND r.since <= moment AND r.until > moment
        ORDER BY r.hot DESC, r.post_id DESC LIMIT at_most;
    WHEN 'rising' THEN RETURN QUERY
        SELECT r.post_id, r.rising FROM post_ranks r
        WHERE r.forum_id = forum AND (r.rising, r.post_id) < (after_rank, after_id) AND r.rising IS NOT NULL
          AND r.since <= moment AND r.until > moment AND r.created_at > moment - interval '2 days'
        ORDER BY r.rising DESC, r.post_id DESC LIMIT at_most;
    WHEN 'controversial' THEN RETURN QUERY
        SELECT r.post_id, r.controversial FROM post_ranks r
        WHERE r.forum_id = forum AND (r.controversial, r.post_id) < (after_rank, after_id) AND r.controversial IS NOT NULL
          AND r.since <= moment AND r.until > moment
        ORDER BY r.controversial DESC, r.post_id DESC LIMIT at_most;
    WHEN 'top all' THEN RETURN QUERY
        SELECT r.post_id, r.score::double precision FROM post_ranks r
        WHERE r.forum_id = forum AND (r.score, r.post_id) < (after_rank::integer, after_id)
          AND r.since <= moment AND r.until > moment
        ORDER BY r.score DESC, r.post_id DESC LIMIT at_most;
    WHEN 'top day' THEN RETURN QUERY
        SELECT r.post_id, r.score::double precision FROM post_ranks r
        WHERE r.forum_id = forum AND (r.score, r.post_id) < (after_rank::integer, after_id) AND r.day
          AND r.since <= moment AND r.until > moment AND r.created_at > moment - interval '1 day'
        ORDER BY r.score DESC, r.post_id DESC LIMIT at_most;
    WHEN 'top week' THEN RETURN QUERY
        SELECT r.post_id, r.score::double precision FROM post_ranks r
        WHERE r.forum_id = forum AND (r.score, r.post_id) < (after_rank::integer, after_id) AND r.week
          AND r.since <= moment AND r.until > moment AND r.created_at > moment - interval '7 days'
        ORDER BY r.score DESC, r.post_id DESC LIMIT at_most;
    WHEN 'top month' THEN RETURN QUERY
        SELECT r.post_id, r.score::double precision FROM post_ranks r
        WHERE r.forum_id = forum AND (r.score, r.post_id) < (after_rank::integer, after_id) AND r.month
          AND r.since <= moment AND r.until > moment AND r.created_at > moment - interval '30 days'
        ORDER BY r.score DESC, r.post_id DESC LIMIT at_most;
    END CASE;
END $$;

-- May they, and a page of a forum's posts: one round trip. `role` null: it is not theirs to know of. `begun`: the moment of
-- the walk, null where it begins. Where it goes on is that of the ranks read, not of the posts shown.
CREATE FUNCTION forum_feed(
    asked text, reader uuid, sorted text, tagged text, after_rank double precision, after_id uuid, at_most integer,
    INOUT begun timestamptz, OUT role text, OUT items text, OUT pinned text, OUT next_rank double precision, OUT next_id uuid
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    forum     uuid := (SELECT f.id FROM forums f WHERE lower(f.slug) = lower(asked));
    moderates boolean;
    ids       uuid[];
    ranks     double precision[];
BEGIN
    role := forum_role(forum, reader);
    IF role IS NULL THEN
        RETURN;
    END IF;
    moderates := role IN ('owner', 'moderator');
    IF begun IS NULL THEN
        begun := settled_rank_epoch();
        ids := ARRAY (SELECT p.id FROM posts p WHERE p.forum_id = forum AND p.pinned_at IS NOT NULL
                      ORDER BY p.pinned_at DESC);
        IF ids <> '{}' THEN
            SELECT string_agg(s.shown::text, ',') INTO pinned FROM posts_shown(ids, reader, moderates, true) s WHERE s.listed;
        END IF;
    END IF;
    SELECT array_agg(l.post_id), array_agg(l.rank) INTO ids, ranks
    FROM posts_of(forum, sorted, tagged, begun, after_rank, after_id, at_most + 1) l;
    IF cardinality(ids) > at_most THEN
        next_rank := ranks[at_most];
        next_id := ids[at_most];
        ids := ids[:at_most];
    END IF;
    SELECT string_agg(s.shown::text, ',') INTO items FROM posts_shown(ids, reader, moderates, true) s WHERE s.listed;
END $$;

-- Takes flags from the ranks of posts that are too old for them, in the order of their age from `after` on. Where it got to;
-- null at the end. A walk that began 15 minutes ago still finds what it reads. It waits for nobody: a rank that is being
-- changed keeps its flags until the next time, and whoever reads asks for the age too.
CREATE FUNCTION age_ranks(after timestamptz, at_most integer) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    latest  timestamptz := clock_timestamp() - interval '20 minutes';
    reached timestamptz;
BEGIN
    SELECT max(few.created_at) INTO reached
    FROM (SELECT r.created_at FROM post_ranks r
          WHERE r.month AND r.created_at > after AND r.created_at < latest - interval '1 day'
          ORDER BY r.created_at LIMIT at_most) AS few;
    WITH old AS (
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
    FROM old WHERE r.post_id = old.post_id AND r.since = old.since;
    RETURN reached;
END $$;

CREATE FUNCTION delete_post(target uuid, moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM posts WHERE id = target AND removed_at IS NULL) THEN
        PERFORM unlist_post(target);
    END IF;
    UPDATE posts
    SET title = '', body = '', body_html = '', url = NULL, tags = '{}', pinned_at = NULL, deleted_at = moment
    WHERE id = target;
    DELETE FROM post_versions WHERE post_id = target;
    DELETE FROM poll_votes WHERE post_id = target;
    DELETE FROM poll_options WHERE post_id = target;
    DELETE FROM polls WHERE post_id = target;
    PERFORM forget_post(target, '{}');
END $$;

-- Its text stays, for moderators and until it is restored, and leaves what the streams have told.
CREATE FUNCTION remove_post(target uuid, moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM unlist_post(target);
    UPDATE posts SET removed_at = moment, pinned_at = NULL WHERE id = target;
    PERFORM forget_post(target, '{}');
END $$;

CREATE FUNCTION restore_post(target uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE posts SET removed_at = NULL WHERE id = target;
    PERFORM list_post(target);
END $$;

-- What the stream of the forum it leaves has told of it, it keeps only where the new forum's posts are for everybody.
CREATE FUNCTION move_post(target uuid, place uuid, new_tags text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM unlist_post(target);
    UPDATE posts
    SET moved_from = array_append(array_remove(moved_from, forum_id), forum_id), forum_id = place, tags = new_tags,
        pinned_at = NULL
    WHERE id = target;
    PERFORM list_post(target);
    IF EXISTS (SELECT FROM forums WHERE id = place AND visibility = 'private') THEN
        PERFORM forget_post(target, ARRAY[target, place]);
    END IF;
END $$;
