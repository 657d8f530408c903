-- Events that a function writes together with what they report. Each returns what announce_logged() in Python pushes after the
-- commit: an object with `stream`, `seq`, `type`, `data`, and where there are any `own_views` or an `audience`.

-- Appends an event to a stream, which it locks until the commit. `kind` is the part of the stream's name before the colon.
CREATE OR REPLACE FUNCTION log_event(kind text, stream_id uuid, type text, payload jsonb, now_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    new_seq bigint;
    logged  jsonb;
BEGIN
    UPDATE streams s SET head = s.head + 1 WHERE s.id = log_event.stream_id RETURNING s.head INTO new_seq;
    INSERT INTO events (stream_id, seq, type, payload, created_at) VALUES (stream_id, new_seq, type, payload, now_at);
    logged := jsonb_build_object('stream', kind || ':' || stream_id, 'seq', new_seq, 'type', type, 'data', payload);
    IF EXISTS (SELECT FROM own_events o WHERE o.stream_id = log_event.stream_id) THEN
        logged := logged || jsonb_build_object('own_views', (
            SELECT jsonb_agg(jsonb_build_object('user_id', v.user_id, 'seq', v.own_seq, 'data', v.own_payload))
            FROM own_views(log_event.stream_id, new_seq, payload) v));
    END IF;
    RETURN logged;
END $$;

-- As log_event, for one reader only, with a number of their own. The caller has locked the stream.
CREATE OR REPLACE FUNCTION log_own_event(
    kind text, stream_id uuid, user_id uuid, type text, payload jsonb, now_at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    RETURN jsonb_build_object(
        'stream', kind || ':' || stream_id, 'seq', append_own_event(stream_id, user_id, type, payload, now_at), 'type', type,
        'data', payload, 'audience', jsonb_build_array(user_id));
END $$;
