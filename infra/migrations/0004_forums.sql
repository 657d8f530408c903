-- Forums and their members, posts and polls, comments, votes, and the ranks by which lists are ordered.

-- The words of a text in lower case. The index and the search use it instead of to_tsvector, which only knows the letters of
-- ASCII in this collation. It is here because an index is built on it.
CREATE FUNCTION words_of(content text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_remove(regexp_split_to_array(lower(content), '[^[:alnum:]]+'), '');

-- `tags` are those that a post may have; an empty list allows any. The counts are kept, not counted when read: `post_count`
-- of the posts in the lists, `withheld_post_count` of those that only some readers find there. `active_at` is written at most
-- once a minute.
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
    join_requests     boolean NOT NULL DEFAULT false,
    created_by        uuid NOT NULL,
    created_at        timestamptz NOT NULL,
    active_at         timestamptz NOT NULL,
    member_count      integer NOT NULL DEFAULT 0,
    post_count        integer NOT NULL DEFAULT 0,
    withheld_post_count integer NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX forums_slug_key ON forums (lower(slug));
CREATE INDEX forums_by_activity ON forums (active_at DESC, id DESC) WHERE visibility <> 'private';
CREATE INDEX forums_by_name ON forums (lower(name), id) WHERE visibility <> 'private';
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

-- The last request of a user to become a member, which stays after the decision: it says when the user may ask again.
CREATE TABLE membership_requests (
    forum_id   uuid NOT NULL REFERENCES forums ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    message    text NOT NULL,
    state      text NOT NULL CHECK (state IN ('open', 'accepted', 'refused', 'withdrawn')),
    note       text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    PRIMARY KEY (forum_id, user_id)
);
CREATE INDEX membership_requests_open ON membership_requests (forum_id, created_at, user_id) WHERE state = 'open';

-- A banned member keeps the membership and has it again when the ban is over. Under a `shadow` ban the user still writes, but
-- nobody else sees it. An appeal names the ban by `id`: a changed ban gets a new one.
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

-- When a user last wrote in a forum, for its slow mode. Two writes at once wait for each other on this row.
CREATE TABLE forum_writes (
    forum_id   uuid NOT NULL REFERENCES forums ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (forum_id, user_id)
);

-- `withheld` says why a post is not shown to others: it was written under a shadow ban, or waits for a moderator's approval.
-- Only its author and the moderators see it; null is a post that every reader of the forum sees. `moved_from` lists the
-- forums it was in before; its URL stays the same.
CREATE TABLE posts (
    id                  uuid PRIMARY KEY,
    forum_id            uuid NOT NULL REFERENCES forums,
    author_id           uuid NOT NULL,
    kind                text NOT NULL CHECK (kind IN ('text', 'link', 'poll')),
    title               text NOT NULL,
    body                text NOT NULL DEFAULT '',
    body_html           text NOT NULL DEFAULT '',
    mentions            uuid[] NOT NULL DEFAULT '{}',
    mentions_everyone   text CHECK (mentions_everyone IN ('everyone', 'here')),
    url                 text,
    tags                text[] NOT NULL DEFAULT '{}',
    attachments         jsonb NOT NULL DEFAULT '[]',
    version             integer NOT NULL DEFAULT 1,
    accepted_comment_id uuid,
    moved_from          uuid[] NOT NULL DEFAULT '{}',
    withheld            text CHECK (withheld IN ('shadow_ban', 'approval')),
    created_at          timestamptz NOT NULL,
    edited_at           timestamptz,
    deleted_at          timestamptz,
    removed_at          timestamptz,
    pinned_at           timestamptz,
    locked_at           timestamptz
);
CREATE INDEX posts_by_forum ON posts (forum_id, id DESC) WHERE deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_by_author ON posts (author_id, id DESC);
CREATE INDEX posts_withheld ON posts (forum_id, author_id) WHERE withheld IS NOT NULL;
CREATE INDEX posts_pinned ON posts (forum_id, pinned_at DESC) WHERE pinned_at IS NOT NULL;

-- Every vote and every comment changes these counts, so they have a narrow row of their own and stay heap-only updates.
-- `comment_count` counts the comments that every reader finds in the tree, `hidden_comment_count` the others: withheld ones
-- and what is below them. Of those directly under the post, `reply_count` are not withheld and `withheld_reply_count` are.
CREATE TABLE post_counts (
    post_id       uuid PRIMARY KEY REFERENCES posts ON DELETE CASCADE,
    ups           integer NOT NULL DEFAULT 0,
    downs         integer NOT NULL DEFAULT 0,
    score         integer NOT NULL DEFAULT 0,
    comment_count integer NOT NULL DEFAULT 0,
    reply_count   integer NOT NULL DEFAULT 0,
    hidden_comment_count integer NOT NULL DEFAULT 0,
    withheld_reply_count integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- The text of a post before an edit; the current text is in `posts`. It is for the author and the moderators, and if it is
-- hidden for the moderators only.
CREATE TABLE post_versions (
    post_id   uuid NOT NULL REFERENCES posts ON DELETE CASCADE,
    version   integer NOT NULL,
    title     text NOT NULL,
    body      text NOT NULL,
    edited_by uuid NOT NULL,
    edited_at timestamptz NOT NULL,
    hidden_at timestamptz,
    PRIMARY KEY (post_id, version)
);

-- The posts of a tag, in the order of their ids. The triggers keep it, so that a statement that writes posts need not.
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
-- A choice that is not `counted` was made under a shadow ban: the voter sees it, nobody else does.
CREATE TABLE poll_votes (
    post_id    uuid NOT NULL REFERENCES posts ON DELETE CASCADE,
    user_id    uuid NOT NULL,
    place      smallint NOT NULL,
    counted    boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (post_id, user_id, place)
);

CREATE INDEX poll_votes_uncounted_by_user ON poll_votes (user_id, post_id) WHERE NOT counted;

-- `parent_id` is the comment that this one answers, or the post. `path` is its ancestors among the comments, the top one
-- first. `withheld` is as in posts; `below_withheld` says that an ancestor is withheld, and that only those who see the
-- ancestor see this comment. The counts are of direct replies. A deleted or removed comment without replies leaves the tree
-- after a day (`pruned_at`); the row stays.
CREATE TABLE comments (
    id          uuid PRIMARY KEY,
    post_id     uuid NOT NULL REFERENCES posts,
    parent_id   uuid NOT NULL,
    path        uuid[] NOT NULL,
    author_id   uuid NOT NULL,
    body        text NOT NULL,
    body_html   text NOT NULL,
    mentions    uuid[] NOT NULL DEFAULT '{}',
    mentions_everyone text CHECK (mentions_everyone IN ('everyone', 'here')),
    version     integer NOT NULL DEFAULT 1,
    ups         integer NOT NULL DEFAULT 0,
    downs       integer NOT NULL DEFAULT 0,
    score       integer NOT NULL DEFAULT 0,
    reply_count integer NOT NULL DEFAULT 0,
    withheld_reply_count integer NOT NULL DEFAULT 0,
    withheld    text CHECK (withheld IN ('shadow_ban', 'approval')),
    below_withheld boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL,
    edited_at   timestamptz,
    deleted_at  timestamptz,
    removed_at  timestamptz,
    pruned_at   timestamptz
) WITH (fillfactor = 80);
CREATE INDEX comments_by_parent ON comments (parent_id, id) WHERE pruned_at IS NULL;
CREATE INDEX comments_hidden ON comments (post_id, author_id) WHERE withheld IS NOT NULL OR below_withheld;
CREATE INDEX comments_by_author ON comments (author_id, id DESC);

-- Deleted and removed comments, with the time at which they leave the tree if nothing hangs below them.
CREATE TABLE comment_prunings (
    comment_id uuid PRIMARY KEY REFERENCES comments ON DELETE CASCADE,
    due_at     timestamptz NOT NULL
);
CREATE INDEX comment_prunings_due ON comment_prunings (due_at, comment_id);

CREATE FUNCTION schedule_pruning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO comment_prunings AS p (comment_id, due_at)
    VALUES (NEW.id, coalesce(NEW.deleted_at, NEW.removed_at) + interval '1 day')
    ON CONFLICT (comment_id) DO UPDATE SET due_at = excluded.due_at;
    RETURN NULL;
END $$;
CREATE TRIGGER comments_gone AFTER UPDATE OF deleted_at, removed_at ON comments FOR EACH ROW
    WHEN (coalesce(NEW.deleted_at, NEW.removed_at) IS NOT NULL AND coalesce(OLD.deleted_at, OLD.removed_at) IS NULL)
    EXECUTE FUNCTION schedule_pruning();

-- `target_id` is a post or a comment. A user without a vote has no row. `counted` is as in poll_votes.
CREATE TABLE votes (
    target_id      uuid NOT NULL,
    user_id        uuid NOT NULL,
    value          smallint NOT NULL CHECK (value IN (-1, 1)),
    counted        boolean NOT NULL DEFAULT true,
    by_new_account boolean NOT NULL DEFAULT false, -- whether the account was new when it cast this vote
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (target_id, user_id)
);
CREATE INDEX votes_uncounted ON votes (target_id) WHERE NOT counted;

-- How many of the counted votes are by new accounts: moderators are shown it. Triggers keep it, so that it is exact whichever
-- statement writes votes.
CREATE TABLE new_account_votes (
    target_id uuid PRIMARY KEY,
    ups       integer NOT NULL,
    downs     integer NOT NULL
) WITH (fillfactor = 70);

CREATE FUNCTION mark_new_account_vote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.by_new_account := is_new_account(NEW.user_id, NEW.created_at);
    RETURN NEW;
END $$;
CREATE TRIGGER votes_marked BEFORE INSERT OR UPDATE OF value ON votes FOR EACH ROW
    EXECUTE FUNCTION mark_new_account_vote();

CREATE FUNCTION count_new_account_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    up_delta   integer := 0;
    down_delta integer := 0;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.by_new_account AND OLD.counted THEN
        up_delta := -(OLD.value = 1)::integer;
        down_delta := -(OLD.value = -1)::integer;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.by_new_account AND NEW.counted THEN
        up_delta := up_delta + (NEW.value = 1)::integer;
        down_delta := down_delta + (NEW.value = -1)::integer;
    END IF;
    IF up_delta <> 0 OR down_delta <> 0 THEN
        INSERT INTO new_account_votes AS known (target_id, ups, downs)
        VALUES (coalesce(NEW.target_id, OLD.target_id), up_delta, down_delta)
        ON CONFLICT (target_id) DO UPDATE SET ups = known.ups + excluded.ups, downs = known.downs + excluded.downs;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER votes_counted AFTER INSERT OR UPDATE OR DELETE ON votes FOR EACH ROW EXECUTE FUNCTION count_new_account_vote();

CREATE INDEX votes_uncounted_by_user ON votes (user_id, target_id) WHERE NOT counted;

CREATE TABLE user_karma (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    karma   bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

-- Ranks have versions, each valid from `since` to `until`; infra/schema/forums/ranks.sql says why. A `since` of -infinity
-- means from the beginning, so that a new post is in every list at once. `rising`, `day`, `week` and `month` are set while
-- the post is young enough. A timer clears them later, so a query for them also has to compare `created_at`.
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

CREATE TABLE comment_ranks (
    comment_id uuid NOT NULL REFERENCES comments ON DELETE CASCADE,
    since      timestamptz NOT NULL DEFAULT '-infinity',
    until      timestamptz NOT NULL DEFAULT 'infinity',
    parent_id  uuid NOT NULL,
    best       double precision NOT NULL,
    PRIMARY KEY (comment_id, since)
);
CREATE INDEX comment_ranks_best ON comment_ranks (parent_id, best DESC, comment_id DESC) INCLUDE (since, until);
