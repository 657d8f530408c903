-- Notifications, what people follow, and how they want to be notified.

-- What a user follows and how much of it they want to hear: 'everything', 'mentions' (what names them) or 'nothing'. For a tag,
-- `target_id` is its forum. A mute of a conversation is in conversation_members.muted_until and counts as 'nothing' while it
-- lasts. `since`: what happened before is no news. `is_automatic`: made by writing, not chosen.
CREATE TABLE follows (
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('conversation', 'forum', 'post', 'tag', 'user')),
    target_id    uuid NOT NULL,
    tag          text NOT NULL DEFAULT '',
    level        text NOT NULL CHECK (level IN ('everything', 'mentions', 'nothing')),
    since        timestamptz NOT NULL,
    is_automatic boolean NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, kind, target_id, tag)
);
CREATE INDEX follows_of_everything ON follows (target_id, kind, tag, user_id) WHERE level = 'everything';

-- No row: the defaults. `silenced`: kinds of notifications that are not wanted. Between `quiet_from` and `quiet_until`, in the
-- user's time zone, nothing rings.
CREATE TABLE notification_preferences (
    user_id     uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    time_zone   text NOT NULL DEFAULT 'UTC',
    quiet_from  time,
    quiet_until time,
    push        boolean NOT NULL DEFAULT true,
    mail        text NOT NULL DEFAULT 'off' CHECK (mail IN ('off', 'immediate', 'hourly', 'daily', 'weekly')),
    silenced    text[] NOT NULL DEFAULT '{}',
    CONSTRAINT notification_preferences_quiet CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);

-- What happened about one thing while the user did not read it is one notification. `seq` orders the user's list: each event
-- takes the next one. `level`: 2 rings, 1 is quiet. `actors`: the last ten, newest first.
CREATE TABLE notifications (
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id          uuid NOT NULL,
    kind        text NOT NULL,
    group_key   text NOT NULL,
    place_kind  text,
    place_id    uuid,
    target_kind text,
    target_id   uuid,
    actors      uuid[] NOT NULL,
    actor_count integer NOT NULL,
    event_count integer NOT NULL,
    seq         bigint NOT NULL,
    level       smallint NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    seen_at     timestamptz,
    read_at     timestamptz,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX notifications_open ON notifications (user_id, group_key) WHERE read_at IS NULL;
CREATE UNIQUE INDEX notifications_by_seq ON notifications (user_id, seq);
CREATE INDEX notifications_unread ON notifications (user_id, seq) WHERE read_at IS NULL;
CREATE INDEX notifications_mentions ON notifications (user_id, seq) WHERE kind IN ('mention', 'broadcast');
CREATE INDEX notifications_unread_by_place ON notifications (user_id, place_id) WHERE read_at IS NULL;
CREATE INDEX notifications_unread_by_target ON notifications (user_id, target_id) WHERE read_at IS NULL;

-- What each notification is made of, so that one thing notifies a user at most once, whatever is delivered again. `source_id`:
-- the message, post, comment or conversation, or a name made of the reaction's parts. Without a `notification_id` it was silenced, or
-- withdrawn because the user may not see it any more. `text_id`: what must still be there to be read; `context_id`: the post of a
-- comment; `place_seq`: the number of a message in its conversation.
CREATE TABLE notification_sources (
    user_id         uuid NOT NULL,
    source_id       uuid NOT NULL,
    notification_id uuid,
    actor_id        uuid,
    text_kind       text,
    text_id         uuid,
    context_id      uuid,
    place_id        uuid,
    place_seq       bigint,
    is_mention      boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, source_id)
);
CREATE INDEX notification_sources_of ON notification_sources (user_id, notification_id, actor_id) WHERE notification_id IS NOT NULL;
CREATE INDEX notification_sources_by_text ON notification_sources (text_id, user_id) WHERE notification_id IS NOT NULL;
CREATE INDEX notification_sources_by_context ON notification_sources (context_id, user_id) WHERE notification_id IS NOT NULL;
CREATE INDEX notification_sources_by_place ON notification_sources (place_id, user_id, place_seq) WHERE notification_id IS NOT NULL;
CREATE INDEX notification_sources_by_actor ON notification_sources (user_id, actor_id) WHERE notification_id IS NOT NULL;

-- What may become a notification of a user. `rank`: of several about one source the lowest counts. `needs`: the least level at which
-- the user has to follow the place, null where it does not matter.
CREATE TYPE notification_candidate AS (
    user_id     uuid,
    kind        text,
    rank        integer,
    level       smallint,
    needs       text,
    group_key   text,
    place_kind  text,
    place_id    uuid,
    target_kind text,
    target_id   uuid,
    source_id   uuid,
    actor_id    uuid,
    text_kind   text,
    text_id     uuid,
    context_id  uuid,
    place_seq   bigint,
    created_at  timestamptz
);

-- The badge of each user, changed with what it counts. Its row is also the lock under which a user's notifications change: in one
-- transaction the lesser user first, and before the user's stream.
CREATE TABLE notification_counters (
    user_id  uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    unread   integer NOT NULL DEFAULT 0,
    unseen   integer NOT NULL DEFAULT 0,
    last_seq bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
INSERT INTO notification_counters (user_id) SELECT id FROM users;

CREATE FUNCTION add_notification_counter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notification_counters (user_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER users_counted AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION add_notification_counter();

-- How many unread messages of a conversation mention the member; no row for none.
CREATE TABLE mention_counts (
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    count           integer NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
);

-- What goes to many users and is done some hundred of them at a time: the sources in one row, of one kind and about one subject,
-- have gone to the users up to `position`. A row that has begun gets no more sources. They take turns, so that a large one does not
-- hold up the small ones.
CREATE TABLE notification_fan_outs (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    turn       bigint NOT NULL,
    kind       text NOT NULL,
    subject_id uuid NOT NULL,
    sources    uuid[] NOT NULL,
    has_begun  boolean NOT NULL DEFAULT false,
    position   uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX notification_fan_outs_waiting ON notification_fan_outs (kind, subject_id) WHERE NOT has_begun;
CREATE INDEX notification_fan_outs_by_turn ON notification_fan_outs (turn);
