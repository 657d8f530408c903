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

-- The members of a conversation whom an author mentions, without those between whom and the author there is a block.
CREATE OR REPLACE FUNCTION mentioned_members(conversation_id uuid, author_id uuid, written text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF written = '{}' THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY (
        WITH existing AS MATERIALIZED ( -- first, since the conversation may have many members
            SELECT u.id, lower(u.username) AS username
            FROM users u WHERE lower(u.username) = ANY (possible_usernames(written))
        ), named AS MATERIALIZED (
            SELECT existing.*
            FROM existing
            JOIN conversation_members cm
                ON cm.conversation_id = mentioned_members.conversation_id AND cm.user_id = existing.id
        )
        SELECT DISTINCT meant.id
        FROM unnest(written) AS name
        CROSS JOIN LATERAL (SELECT n.id FROM named n WHERE may_mean(name, n.username)
                            ORDER BY length(n.username) DESC LIMIT 1) AS meant
        WHERE NOT is_block_between(meant.id, author_id)
        ORDER BY meant.id);
END $$;

-- The readers of a forum whom an author mentions, except those who have blocked the author: of a private forum only members.
CREATE OR REPLACE FUNCTION mentioned_readers(forum_id uuid, author_id uuid, written text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF written = '{}' THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY (
        WITH named AS MATERIALIZED (
            SELECT u.id, lower(u.username) AS username
            FROM users u
            WHERE lower(u.username) = ANY (possible_usernames(written))
              AND forum_role(mentioned_readers.forum_id, u.id) IS NOT NULL
        )
        SELECT DISTINCT meant.id
        FROM unnest(written) AS name
        CROSS JOIN LATERAL (SELECT n.id FROM named n WHERE may_mean(name, n.username)
                            ORDER BY length(n.username) DESC LIMIT 1) AS meant
        WHERE NOT has_blocked(meant.id, author_id)
        ORDER BY meant.id);
END $$;
