-- Votes by new accounts. They count like all others, but moderators are shown how many they are.

-- Whether an account is new at a time: younger than three days. Its karma does not matter, because a crowd of new accounts
-- gives itself karma.
CREATE OR REPLACE FUNCTION is_new_account(user_id uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM users u WHERE u.id = user_id AND u.created_at > at - interval '3 days');
END $$;

-- The JSON of a post or comment, for moderators with `new_account_votes`.
CREATE OR REPLACE FUNCTION with_new_account_votes(item json, target_id uuid, is_moderator boolean) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
    known new_account_votes;
BEGIN
    IF NOT is_moderator THEN
        RETURN item;
    END IF;
    SELECT * INTO known FROM new_account_votes n WHERE n.target_id = with_new_account_votes.target_id;
    RETURN left(item::text, -1) || ', "new_account_votes" : '
        || json_build_object('ups', coalesce(known.ups, 0), 'downs', coalesce(known.downs, 0)) || '}';
END $$;
