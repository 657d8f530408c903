-- How times, ids and cursors are written.

-- A time as the API writes it, in UTC with milliseconds. Declared IMMUTABLE it could not be inlined (to_char is STABLE), and
-- its four calls took half of the time of message_json().
CREATE OR REPLACE FUNCTION rfc3339(at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- The lowest UUIDv7 of a time: the bound of a partition whose key is an id.
CREATE OR REPLACE FUNCTION uuid7_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN rpad(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0'), 32, '0')::uuid;

-- The month of a UUIDv7 in UTC, as its beginning.
CREATE OR REPLACE FUNCTION uuid7_month(id uuid) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN date_trunc('month', to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0), 'UTC');

-- A cursor, as encode_cursor() of cgraph.core.pagination makes it; `body` is the JSON array of its values.
CREATE OR REPLACE FUNCTION encode_cursor(scope text, body text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT rtrim(translate(encode(
        substr(sha256(convert_to(scope, 'UTF8') || '\x00'::bytea || convert_to(body, 'UTF8')), 1, 6)
            || convert_to(body, 'UTF8'), 'base64'), E'+/\n', '-_'), '=')
$$;

-- The key of this name: `candidate`, random bytes, becomes it where there is none yet.
CREATE OR REPLACE FUNCTION server_key(name text, candidate bytea, now_at timestamptz) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    known bytea;
BEGIN
    SELECT k.key INTO known FROM server_keys k WHERE k.name = server_key.name;
    IF known IS NULL THEN
        INSERT INTO server_keys (name, key, created_at) VALUES (server_key.name, candidate, now_at) ON CONFLICT DO NOTHING;
        SELECT k.key INTO known FROM server_keys k WHERE k.name = server_key.name;
    END IF;
    RETURN known;
END $$;
