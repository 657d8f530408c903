-- Votes by new accounts. They count like all others, but moderators are shown how many they are.

-- Whether an account is new at a time: younger than three days. Its karma does not matter, because a crowd of new accounts
-- gives itself karma.
CREATE OR REPLACE FUNCTION is_new_account(user_id uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM users u WHERE u.id = user_id AND u.created_at > at - interval '3 days');
END $$;

-- The JSON of a post or comment as moderators see it, as text: Postgres would read all of it to make it JSON again.
CREATE OR REPLACE FUNCTION with_new_account_votes(item json, ups integer, downs integer) RETURNS text LANGUAGE sql STABLE
    RETURN left(item::text, -1) || ', "new_account_votes" : {"ups" : ' || coalesce(ups, 0)
        || ', "downs" : ' || coalesce(downs, 0) || '}}';
