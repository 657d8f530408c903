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

-- Everybody whose name one of the written names may mean. They are read first, since a conversation or a forum may have many
-- members.
CREATE OR REPLACE FUNCTION possibly_mentioned(written text[]) RETURNS SETOF uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT u.id FROM users u WHERE lower(u.username) = ANY (possible_usernames(written));
END $$;

-- Whom of these users an author mentions, without those between whom and the author there is a block.
CREATE OR REPLACE FUNCTION mentioned_users(candidate_ids uuid[], author_id uuid, written text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY (
        WITH named AS MATERIALIZED (
            SELECT u.id, lower(u.username) AS username FROM users u WHERE u.id = ANY (candidate_ids)
        )
        SELECT DISTINCT meant.id
        FROM unnest(written) AS name
        CROSS JOIN LATERAL (SELECT n.id FROM named n WHERE may_mean(name, n.username)
                            ORDER BY length(n.username) DESC LIMIT 1) AS meant
        WHERE NOT is_block_between(meant.id, author_id)
        ORDER BY meant.id);
END $$;

CREATE OR REPLACE FUNCTION mentioned_members(conversation_id uuid, author_id uuid, written text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF written = '{}' THEN
        RETURN '{}';
    END IF;
    RETURN mentioned_users(ARRAY (
        SELECT id FROM possibly_mentioned(written) AS id
        JOIN conversation_members cm ON cm.conversation_id = mentioned_members.conversation_id AND cm.user_id = id
    ), author_id, written);
END $$;

-- Of a private forum only members.
CREATE OR REPLACE FUNCTION mentioned_readers(forum_id uuid, author_id uuid, written text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF written = '{}' THEN
        RETURN '{}';
    END IF;
    RETURN mentioned_users(ARRAY (
        SELECT id FROM possibly_mentioned(written) AS id WHERE forum_role(mentioned_readers.forum_id, id) IS NOT NULL
    ), author_id, written);
END $$;
