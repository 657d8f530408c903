-- Forums: whose they are, their posts and comments, votes, and the ranks by which lists are read.

ALTER TABLE streams DROP CONSTRAINT streams_kind_check;
ALTER TABLE streams ADD CONSTRAINT streams_kind_check CHECK (kind IN ('user', 'conv', 'forum', 'post')) NOT VALID;

-- `tags`: those a post may have; none means any. Counters are kept, `active_at` at most once a minute.
CREATE TABLE forums (
    id                uuid PRIMARY KEY,
    slug              text NOT NULL,
    name              text NOT NULL,
    description       text NOT NULL DEFAULT '',
    rules             text NOT NULL DEFAULT '',
    visibility        text NOT NULL CHECK (visibility IN ('public', 'restricted', 'private')),
    posting           text NOT NULL CHECK (posting IN ('everyone', 'members', 'moderators')),
    slow_mode_seconds integer NOT NULL DEFAULT 0,
    tags              text[] NOT NULL DEFAULT '{}',
    tag_required      boolean NOT NULL DEFAULT false,
    created_by        uuid NOT NULL,
    created_at        timestamptz NOT NULL,
    active_at         timestamptz NOT NULL,
    member_count      integer NOT NULL DEFAULT 0,
    post_count        integer NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX forums_slug_key ON forums (lower(slug));
CREATE INDEX forums_by_activity ON forums (active_at DESC, id DESC) WHERE visibility <> 'private';
CREATE INDEX forums_by_name ON forums (lower(name), id) WHERE visibility <> 'private';

-- The words of a text, for the search by them; not by to_tsvector, which knows letters of ASCII only.
CREATE FUNCTION words_of(said text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_remove(regexp_split_to_array(lower(said), '[^[:alnum:]]+'), '');
CREATE INDEX forums_by_words ON forums USING gin (array_to_tsvector(words_of(name || ' ' || slug)));

CREATE TABLE forum_members (
    forum_id  uuid NOT NULL REFERENCES forums ON DELETE CASCADE,
    user_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role      text NOT NULL CHECK (role IN ('owner', 'moderator', 'member')),
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (forum_id, user_id)
);
CREATE INDEX forum_members_by_user ON forum_members (user_id, forum_id);
CREATE INDEX forum_members_who_moderate ON forum_members (forum_id, user_id) WHERE role <> 'member';

-- A member who is banned stays one, and is a member again when it is over. `shadow`: they go on writing, unseen by others.
-- `id` is what an appeal names: a ban that is changed is another one.
CREATE TABLE forum_bans (
    id         uuid NOT NULL DEFAULT gen_random_uuid(),
    forum_id   uuid NOT NULL REFERENCES forums ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    until      timestamptz NOT NULL DEFAULT 'infinity',
    shadow     boolean NOT NULL DEFAULT false,
    reason     text NOT NULL DEFAULT '',
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (forum_id, user_id)
);
CREATE UNIQUE INDEX forum_bans_id ON forum_bans (id);
CREATE INDEX forum_bans_by_age ON forum_bans (forum_id, created_at DESC, user_id DESC);

-- When a person last wrote in a forum, for its slow mode: the row is the lock of two that come at once.
CREATE TABLE forum_writes (
    forum_id   uuid NOT NULL REFERENCES forums ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (forum_id, user_id)
);

-- What a person is in a forum; null where it is not theirs to know that it exists.
CREATE FUNCTION forum_role(place uuid, reader uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM forum_bans b WHERE b.forum_id = place AND b.user_id = reader AND NOT b.shadow AND b.until > now())
            THEN CASE WHEN f.visibility <> 'private' THEN 'banned' END
        WHEN m.role IS NOT NULL THEN m.role
        WHEN f.visibility <> 'private' THEN 'visitor' END
    FROM forums f LEFT JOIN forum_members m ON m.forum_id = f.id AND m.user_id = reader
    WHERE f.id = place
$$;

CREATE FUNCTION is_shadowed(place uuid, writer uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM forum_bans WHERE forum_id = place AND user_id = writer AND shadow AND until > now())
$$;

-- `shadowed`: written by somebody who is shadow-banned; for its author and the moderators, for nobody else.
-- `moved_from`: the forums it was in before; its address stays.
CREATE TABLE posts (
    id                  uuid PRIMARY KEY,
    forum_id            uuid NOT NULL REFERENCES forums,
    author_id           uuid NOT NULL,
    kind                text NOT NULL CHECK (kind IN ('text', 'link', 'poll')),
    title               text NOT NULL,
    body                text NOT NULL DEFAULT '',
    body_html           text NOT NULL DEFAULT '',
    url                 text,
    tags                text[] NOT NULL DEFAULT '{}',
    version             integer NOT NULL DEFAULT 1,
    accepted_comment_id uuid,
    moved_from          uuid[] NOT NULL DEFAULT '{}',
    shadowed            boolean NOT NULL DEFAULT false,
    created_at          timestamptz NOT NULL,
    edited_at           timestamptz,
    deleted_at          timestamptz,
    removed_at          timestamptz,
    pinned_at           timestamptz,
    locked_at           timestamptz
);
CREATE INDEX posts_by_forum ON posts (forum_id, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_by_author ON posts (author_id, id DESC);
CREATE INDEX posts_pinned ON posts (forum_id, pinned_at DESC) WHERE pinned_at IS NOT NULL;

-- What changes with each vote and comment is a narrow row of its own, so that it stays a heap-only update. `reply_count`: the
-- comments that answer the post itself; neither count goes down: what is deleted keeps its place.
CREATE TABLE post_counts (
    post_id       uuid PRIMARY KEY REFERENCES posts ON DELETE CASCADE,
    ups           integer NOT NULL DEFAULT 0,
    downs         integer NOT NULL DEFAULT 0,
    score         integer NOT NULL DEFAULT 0,
    comment_count integer NOT NULL DEFAULT 0,
    reply_count   integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- How a post read before an edit; the present one is in `posts`.
CREATE TABLE post_versions (
    post_id   uuid NOT NULL REFERENCES posts ON DELETE CASCADE,
    version   integer NOT NULL,
    title     text NOT NULL,
    body      text NOT NULL,
    edited_by uuid NOT NULL,
    edited_at timestamptz NOT NULL,
    PRIMARY KEY (post_id, version)
);

CREATE TABLE polls (
    post_id   uuid PRIMARY KEY REFERENCES posts ON DELETE CASCADE,
    multiple  boolean NOT NULL,
    closes_at timestamptz,
    voters    integer NOT NULL DEFAULT 0
);
CREATE TABLE poll_options (
    post_id uuid NOT NULL REFERENCES posts ON DELETE CASCADE,
    place   smallint NOT NULL,
    label   text NOT NULL,
    votes   integer NOT NULL DEFAULT 0,
    PRIMARY KEY (post_id, place)
);
-- A choice that is not `counted` is that of somebody who is shadow-banned: they see it, nobody else does.
CREATE TABLE poll_votes (
    post_id    uuid NOT NULL REFERENCES posts ON DELETE CASCADE,
    user_id    uuid NOT NULL,
    place      smallint NOT NULL,
    counted    boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (post_id, user_id, place)
);

-- `parent_id`: the comment it answers, or the post. `path`: its ancestors among the comments, the top one first.
CREATE TABLE comments (
    id          uuid PRIMARY KEY,
    post_id     uuid NOT NULL REFERENCES posts,
    parent_id   uuid NOT NULL,
    path        uuid[] NOT NULL,
    author_id   uuid NOT NULL,
    body        text NOT NULL,
    body_html   text NOT NULL,
    version     integer NOT NULL DEFAULT 1,
    ups         integer NOT NULL DEFAULT 0,
    downs       integer NOT NULL DEFAULT 0,
    score       integer NOT NULL DEFAULT 0,
    reply_count integer NOT NULL DEFAULT 0,
    shadowed    boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL,
    edited_at   timestamptz,
    deleted_at  timestamptz,
    removed_at  timestamptz
) WITH (fillfactor = 80);
CREATE INDEX comments_by_parent ON comments (parent_id, id);
CREATE INDEX comments_by_author ON comments (author_id, id DESC);

-- Whether somebody may follow the stream of a forum or of a post. A post that is shadowed is its author's and the moderators'.
CREATE FUNCTION may_follow(followed streams, reader uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    found posts;
    role  text;
BEGIN
    IF followed.kind = 'forum' THEN
        RETURN forum_role(followed.id, reader) IS NOT NULL;
    END IF;
    SELECT * INTO found FROM posts WHERE id = followed.id;
    role := forum_role(found.forum_id, reader);
    RETURN role IS NOT NULL AND (NOT found.shadowed OR found.author_id = reader OR role IN ('owner', 'moderator'));
END $$;

-- `target_id`: a post or a comment. No vote is no row. `counted`: as in poll_votes.
CREATE TABLE votes (
    target_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    value      smallint NOT NULL CHECK (value IN (-1, 1)),
    counted    boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (target_id, user_id)
);

CREATE TABLE user_karma (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    karma   bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

-- Ranks move while somebody pages through a list. So a rank has versions, and a walk reads those of the moment it began:
-- it neither repeats nor skips.
--
-- Time is cut into epochs of 30 s. A change writes the version that begins with the *next* epoch, in place as often as it
-- likes; a walk begins at the last boundary that lies at least 12 s back, when whatever was to be written before it has been
-- committed (the functions' statements end after 10 s). What ended 15 minutes ago no walk may read any more.
CREATE FUNCTION next_rank_epoch() RETURNS timestamptz LANGUAGE sql VOLATILE
    RETURN to_timestamp((floor(extract(epoch FROM clock_timestamp()) / 30) + 1) * 30);
CREATE FUNCTION settled_rank_epoch() RETURNS timestamptz LANGUAGE sql VOLATILE
    RETURN to_timestamp(floor((extract(epoch FROM clock_timestamp()) - 12) / 30) * 30);

-- `since` -infinity: from the beginning, so a new post is in every list at once. `rising` and the flags are set as long as
-- the post is young enough; a timer takes them away (posts a while older than that must be left out by whoever reads).
CREATE TABLE post_ranks (
    post_id       uuid NOT NULL REFERENCES posts ON DELETE CASCADE,
    since         timestamptz NOT NULL DEFAULT '-infinity',
    until         timestamptz NOT NULL DEFAULT 'infinity',
    forum_id      uuid NOT NULL,
    created_at    timestamptz NOT NULL,
    score         integer NOT NULL,
    hot           double precision NOT NULL,
    rising        double precision,
    controversial double precision,
    day           boolean NOT NULL,
    week          boolean NOT NULL,
    month         boolean NOT NULL,
    PRIMARY KEY (post_id, since)
);
CREATE INDEX post_ranks_hot ON post_ranks (forum_id, hot DESC, post_id DESC) INCLUDE (since, until);
CREATE INDEX post_ranks_top ON post_ranks (forum_id, score DESC, post_id DESC) INCLUDE (since, until);
CREATE INDEX post_ranks_top_day ON post_ranks (forum_id, score DESC, post_id DESC) INCLUDE (since, until, created_at) WHERE day;
CREATE INDEX post_ranks_top_week ON post_ranks (forum_id, score DESC, post_id DESC) INCLUDE (since, until, created_at) WHERE week;
CREATE INDEX post_ranks_top_month ON post_ranks (forum_id, score DESC, post_id DESC) INCLUDE (since, until, created_at) WHERE month;
CREATE INDEX post_ranks_rising ON post_ranks (forum_id, rising DESC, post_id DESC) INCLUDE (since, until, created_at)
    WHERE rising IS NOT NULL;
CREATE INDEX post_ranks_controversial ON post_ranks (forum_id, controversial DESC, post_id DESC) INCLUDE (since, until)
    WHERE controversial IS NOT NULL;
CREATE INDEX post_ranks_by_age ON post_ranks (created_at) WHERE month;

CREATE FUNCTION hot_rank(score integer, born timestamptz) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sign(score) * log(greatest(abs(score), 1)) + extract(epoch FROM born) / 45000;

-- Younger posts weigh more: ten times the score is worth 2.5 hours, not 12.5.
CREATE FUNCTION rising_rank(score integer, born timestamptz) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sign(score) * log(greatest(abs(score), 1)) + extract(epoch FROM born) / 9000;

-- Many votes, and as many up as down; null where all agree.
CREATE FUNCTION controversial_rank(ups integer, downs integer) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ups > 0 AND downs > 0
           THEN power(ups + downs, least(ups, downs)::double precision / greatest(ups, downs)) END;

-- The lower bound of the share of votes up, with 95 % confidence (Wilson): few votes are no proof.
CREATE FUNCTION best_rank(ups integer, downs integer) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ups + downs = 0 THEN 0 ELSE
        (ups + 1.9208 - 1.96 * sqrt(ups::double precision * downs / (ups + downs) + 0.9604)) / (ups + downs + 3.8416) END;

-- A post's ranks after a change of its votes, or its first. Whoever calls holds the post's row of counts.
CREATE FUNCTION rank_post(target uuid, place uuid, born timestamptz, up integer, down integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next timestamptz := next_rank_epoch();
    age  interval := clock_timestamp() - born;
BEGIN
    UPDATE post_ranks
    SET score = up - down, hot = hot_rank(up - down, born), controversial = controversial_rank(up, down),
        rising = CASE WHEN rising IS NOT NULL THEN rising_rank(up - down, born) END
    WHERE post_id = target AND until = 'infinity' AND since >= next;
    IF FOUND THEN
        RETURN;
    END IF;
    DELETE FROM post_ranks WHERE post_id = target AND until < clock_timestamp() - interval '15 minutes';
    UPDATE post_ranks SET until = next WHERE post_id = target AND until = 'infinity';
    INSERT INTO post_ranks (post_id, since, forum_id, created_at, score, hot, rising, controversial, day, week, month)
    VALUES (target, CASE WHEN FOUND THEN next ELSE '-infinity' END, place, born, up - down, hot_rank(up - down, born),
            CASE WHEN age < interval '2 days' THEN rising_rank(up - down, born) END, controversial_rank(up, down),
            age < interval '1 day', age < interval '7 days', age < interval '30 days');
END $$;

CREATE TABLE comment_ranks (
    comment_id uuid NOT NULL REFERENCES comments ON DELETE CASCADE,
    since      timestamptz NOT NULL DEFAULT '-infinity',
    until      timestamptz NOT NULL DEFAULT 'infinity',
    parent_id  uuid NOT NULL,
    best       double precision NOT NULL,
    PRIMARY KEY (comment_id, since)
);
CREATE INDEX comment_ranks_best ON comment_ranks (parent_id, best DESC, comment_id DESC) INCLUDE (since, until);

-- As rank_post; whoever calls holds the comment's row.
CREATE FUNCTION rank_comment(target uuid, parent uuid, up integer, down integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next timestamptz := next_rank_epoch();
BEGIN
    UPDATE comment_ranks SET best = best_rank(up, down)
    WHERE comment_id = target AND until = 'infinity' AND since >= next;
    IF FOUND THEN
        RETURN;
    END IF;
    DELETE FROM comment_ranks WHERE comment_id = target AND until < clock_timestamp() - interval '15 minutes';
    UPDATE comment_ranks SET until = next WHERE comment_id = target AND until = 'infinity';
    INSERT INTO comment_ranks (comment_id, since, parent_id, best)
    VALUES (target, CASE WHEN FOUND THEN next ELSE '-infinity' END, parent, best_rank(up, down));
END $$;
