-- How search learns of changes that no event of a stream reports.

-- The comments of a post, a page after another, and with posts_by_forum all posts of a forum.
CREATE INDEX comments_by_post ON comments (post_id, id);
CREATE INDEX posts_gone ON posts (forum_id, id) WHERE deleted_at IS NOT NULL OR removed_at IS NOT NULL;

-- A search leaves out the forums from which its reader is banned.
CREATE INDEX forum_bans_by_user ON forum_bans (user_id) WHERE NOT shadow;

-- Logs that documents have changed, {type: [id …]}, or all of a place, {"places": [{"kind": "forum", "id": …}]}. The event has
-- a stream of its own, which nobody can follow: clients do not learn of it.
CREATE FUNCTION log_changed_documents(payload jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    VALUES (gen_random_uuid(), 1, 'documents.changed', payload, clock_timestamp());
END $$;

CREATE FUNCTION log_new_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_changed_documents(jsonb_build_object('user', page.ids))
    FROM (SELECT jsonb_agg(n.id) AS ids FROM (SELECT u.id, row_number() OVER () / 500 AS page FROM new_users u) AS n
          GROUP BY n.page) AS page;
    RETURN NULL;
END $$;
CREATE TRIGGER users_indexed AFTER INSERT ON users REFERENCING NEW TABLE AS new_users
    FOR EACH STATEMENT EXECUTE FUNCTION log_new_users();

-- Forums that became private lately: until their documents say so, a search leaves them out for those who may not read them.
CREATE TABLE closed_forums (
    forum_id  uuid PRIMARY KEY REFERENCES forums ON DELETE CASCADE,
    closed_at timestamptz NOT NULL
);
CREATE INDEX closed_forums_by_age ON closed_forums (closed_at);

CREATE FUNCTION log_forum_visibility() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM log_changed_documents(jsonb_build_object('forum', jsonb_build_array(NEW.id)));
        RETURN NULL;
    END IF;
    IF NEW.visibility = 'private' THEN
        INSERT INTO closed_forums AS c (forum_id, closed_at) VALUES (NEW.id, clock_timestamp())
        ON CONFLICT (forum_id) DO UPDATE SET closed_at = excluded.closed_at;
    ELSE
        DELETE FROM closed_forums c WHERE c.forum_id = NEW.id;
    END IF;
    IF 'private' IN (OLD.visibility, NEW.visibility) THEN
        PERFORM log_changed_documents(jsonb_build_object(
            'forum', jsonb_build_array(NEW.id), 'places', jsonb_build_array(jsonb_build_object('kind', 'forum', 'id', NEW.id))));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER forums_indexed AFTER INSERT ON forums FOR EACH ROW EXECUTE FUNCTION log_forum_visibility();
CREATE TRIGGER forums_opened_or_closed AFTER UPDATE OF visibility ON forums FOR EACH ROW
    WHEN (OLD.visibility <> NEW.visibility) EXECUTE FUNCTION log_forum_visibility();

-- The comments of a post are where the post is, and what is withheld above them decides who sees them.
CREATE FUNCTION log_post_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_changed_documents(jsonb_build_object(
        'post', jsonb_build_array(NEW.id), 'places', jsonb_build_array(jsonb_build_object('kind', 'post', 'id', NEW.id))));
    RETURN NULL;
END $$;
CREATE TRIGGER posts_moved_or_shown AFTER UPDATE OF forum_id, withheld ON posts FOR EACH ROW
    WHEN ((OLD.forum_id, OLD.withheld) IS DISTINCT FROM (NEW.forum_id, NEW.withheld)) EXECUTE FUNCTION log_post_documents();

CREATE FUNCTION log_accepted_comment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM log_changed_documents(jsonb_build_object('post', jsonb_build_array(NEW.id), 'comment', to_jsonb(
        array_remove(ARRAY[OLD.accepted_comment_id, NEW.accepted_comment_id], NULL))));
    RETURN NULL;
END $$;
CREATE TRIGGER posts_answered AFTER UPDATE OF accepted_comment_id ON posts FOR EACH ROW
    WHEN (OLD.accepted_comment_id IS DISTINCT FROM NEW.accepted_comment_id) EXECUTE FUNCTION log_accepted_comment();

-- Of a hidden comment there are events for those who see it only, and none if there is nobody.
CREATE FUNCTION log_hidden_comment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_shown boolean := TG_OP = 'UPDATE' AND OLD.withheld IS DISTINCT FROM NEW.withheld;
BEGIN
    PERFORM log_changed_documents(jsonb_build_object('comment', jsonb_build_array(NEW.id)) || CASE WHEN is_shown
        THEN jsonb_build_object('places', jsonb_build_array(jsonb_build_object('kind', 'post', 'id', NEW.post_id)))
        ELSE '{}' END);
    RETURN NULL;
END $$;
CREATE TRIGGER hidden_comments_written AFTER INSERT ON comments FOR EACH ROW
    WHEN (NEW.withheld IS NOT NULL OR NEW.below_withheld) EXECUTE FUNCTION log_hidden_comment();
CREATE TRIGGER hidden_comments_changed AFTER UPDATE OF body, withheld, below_withheld, deleted_at, removed_at ON comments
    FOR EACH ROW WHEN (OLD.withheld IS NOT NULL OR OLD.below_withheld OR NEW.withheld IS NOT NULL OR NEW.below_withheld)
    EXECUTE FUNCTION log_hidden_comment();

-- Posts, comments and forums whose score has changed. A timer logs them, so that a hundred votes are one change. Who writes the
-- row keeps it locked until the commit: what the timer takes is committed.
CREATE TABLE changed_scores (
    type text NOT NULL,
    id   uuid PRIMARY KEY
) WITH (fillfactor = 70);

CREATE FUNCTION note_changed_score() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changed_scores AS c (type, id) VALUES (TG_ARGV[0], NEW.id)
    ON CONFLICT (id) DO UPDATE SET type = excluded.type;
    RETURN NULL;
END $$;
CREATE FUNCTION note_changed_post_score() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changed_scores AS c (type, id) VALUES ('post', NEW.post_id)
    ON CONFLICT (id) DO UPDATE SET type = excluded.type;
    RETURN NULL;
END $$;
CREATE TRIGGER post_scores_noted AFTER UPDATE OF score ON post_counts FOR EACH ROW
    WHEN (OLD.score <> NEW.score) EXECUTE FUNCTION note_changed_post_score();
CREATE TRIGGER comment_scores_noted AFTER UPDATE OF score ON comments FOR EACH ROW
    WHEN (OLD.score <> NEW.score) EXECUTE FUNCTION note_changed_score('comment');
CREATE TRIGGER forum_scores_noted AFTER UPDATE OF member_count ON forums FOR EACH ROW
    WHEN (OLD.member_count <> NEW.member_count) EXECUTE FUNCTION note_changed_score('forum');

-- Places all of whose documents a consumer has to read again, and how far it is: `after_id` is a post of the forum, or a
-- comment of the post.
CREATE TABLE reindexed_places (
    consumer text NOT NULL,
    place_id uuid NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('forum', 'post')),
    after_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    PRIMARY KEY (consumer, place_id)
);
