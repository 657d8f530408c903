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
