-- Whom a text mentions.

-- `written`: a name after an @, in lower case, with the punctuation that follows it, which may belong to it: @bob. may mean
-- bob. or bob. The longest name that exists is meant.
CREATE OR REPLACE FUNCTION may_mean(written text, username text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN starts_with(written, username) AND length(username) >= length(rtrim(written, '._-'));

-- Every username that one of the written names may mean.
CREATE OR REPLACE FUNCTION possible_usernames(written text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(DISTINCT left(name, characters)), '{}')
    FROM unnest(written) AS name, generate_series(length(rtrim(name, '._-')), length(name)) AS characters
$$;

-- Whom an author mentions who writes in a conversation or a forum (the other id is null): members of the conversation; of a private
-- forum only members. Nobody between whom and the author there is a block. Users are found by their names first, since a
-- conversation or a forum may have many members.
CREATE OR REPLACE FUNCTION mentioned_users(conversation_id uuid, forum_id uuid, author_id uuid, written text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF written = '{}' THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY (
        WITH named AS MATERIALIZED (
            SELECT n.user_id AS id, n.name AS username FROM users_named(possible_usernames(written)) n
        ), readers AS MATERIALIZED (
            SELECT n.id, n.username FROM named n
            WHERE CASE WHEN mentioned_users.forum_id IS NOT NULL THEN forum_role(mentioned_users.forum_id, n.id) IS NOT NULL
                       ELSE EXISTS (SELECT FROM conversation_members cm
                                    WHERE cm.conversation_id = mentioned_users.conversation_id AND cm.user_id = n.id) END
        )
        SELECT DISTINCT meant.id
        FROM unnest(written) AS name
        CROSS JOIN LATERAL (SELECT r.id FROM readers r WHERE may_mean(name, r.username)
                            ORDER BY length(r.username) DESC LIMIT 1) AS meant
        WHERE NOT is_block_between(meant.id, author_id)
        ORDER BY meant.id);
END $$;

CREATE OR REPLACE FUNCTION mentioned_members(conversation_id uuid, author_id uuid, written text[]) RETURNS uuid[]
LANGUAGE sql STABLE
    RETURN mentioned_users(conversation_id, NULL, author_id, written);

CREATE OR REPLACE FUNCTION mentioned_readers(forum_id uuid, author_id uuid, written text[]) RETURNS uuid[]
LANGUAGE sql STABLE
    RETURN mentioned_users(NULL, forum_id, author_id, written);
