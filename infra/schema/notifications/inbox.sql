-- Notifications as their user sees them, and the badge.

-- Whether a user may still see what the notification is about: something of what it is made of.
CREATE OR REPLACE FUNCTION is_shown(notification notifications) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    source record;
BEGIN
    FOR source IN
        SELECT s.text_kind, s.text_id, s.actor_id FROM notification_sources s
        WHERE s.user_id = notification.user_id AND s.notification_id = notification.id
        ORDER BY s.created_at DESC, s.source_id DESC
    LOOP
        IF (source.actor_id IS NULL OR NOT is_block_between(notification.user_id, source.actor_id))
                AND may_see_source(source.text_kind, source.text_id, notification.user_id) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

-- Whose names it shows: nobody between whom and the user there is a block.
CREATE OR REPLACE FUNCTION actors_json(notification notifications) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(json_agg(json_build_object('id', u.id, 'username', u.username, 'display_name', u.display_name,
                                                   'avatar', u.avatar)
                                 ORDER BY actor.ordinal), '[]')
        FROM unnest(notification.actors) WITH ORDINALITY AS actor (id, ordinal)
        JOIN users u ON u.id = actor.id
        WHERE NOT is_block_between(notification.user_id, u.id));
END $$;

-- Where it happened, as one may name it; and the beginning of the text that it is about, as it is now. Null for what the user may
-- not read any more.
CREATE OR REPLACE FUNCTION place_name(place_kind text, place_id uuid) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE place_kind
        WHEN 'forum' THEN (SELECT f.slug FROM forums f WHERE f.id = place_id)
        WHEN 'conversation' THEN (SELECT c.name FROM conversations c WHERE c.id = place_id) END;
END $$;

CREATE OR REPLACE FUNCTION notification_excerpt(notification notifications) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF notification.target_kind NOT IN ('message', 'post', 'comment')
            OR NOT may_see_source(notification.target_kind, notification.target_id, notification.user_id)
            OR EXISTS (SELECT FROM notification_sources s
                       WHERE s.user_id = notification.user_id AND s.notification_id = notification.id
                         AND s.text_id = notification.target_id AND s.actor_id IS NOT NULL
                         AND is_block_between(s.user_id, s.actor_id)) THEN
        RETURN NULL;
    END IF;
    RETURN CASE notification.target_kind
        WHEN 'message' THEN (SELECT excerpt(m.content, 200) FROM message_by_id(notification.target_id) AS m)
        WHEN 'post' THEN (SELECT excerpt(p.title, 200) FROM posts p WHERE p.id = notification.target_id)
        WHEN 'comment' THEN (SELECT excerpt(c.body, 200) FROM comments c WHERE c.id = notification.target_id) END;
END $$;

-- As lists and events have it; an event has no text, which may change.
CREATE OR REPLACE FUNCTION notification_json(notification notifications, with_text boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', notification.id, 'kind', notification.kind,
        'place', CASE WHEN notification.place_id IS NOT NULL THEN jsonb_build_object(
            'kind', notification.place_kind, 'id', notification.place_id,
            'name', place_name(notification.place_kind, notification.place_id)) END,
        'target', CASE WHEN notification.target_id IS NOT NULL THEN jsonb_build_object(
            'kind', notification.target_kind, 'id', notification.target_id) END,
        'actors', actors_json(notification), 'actor_count', notification.actor_count, 'event_count', notification.event_count,
        'rings', notification.level >= 2, 'seen', notification.seen_at IS NOT NULL, 'read', notification.read_at IS NOT NULL,
        'created_at', rfc3339(notification.created_at), 'updated_at', rfc3339(notification.updated_at))
        || CASE WHEN with_text THEN jsonb_build_object('excerpt', notification_excerpt(notification)) ELSE '{}' END;
END $$;

CREATE OR REPLACE FUNCTION badge_json(of_user_id uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('unread', k.unread, 'unseen', k.unseen) FROM notification_counters k
            WHERE k.user_id = of_user_id);
END $$;

-- A page, newest first, below a position. `only_unread`; `only_mentions`: what names the user. What the user may not see any more is
-- left out: such rows are few, since the consumer withdraws them. Most users have two or three, for which a bitmap is cheaper; of
-- those who have thousands it would read all.
CREATE OR REPLACE FUNCTION list_notifications(
    reader_id uuid, only_unread boolean, only_mentions boolean, below_seq bigint, page_size integer
) RETURNS TABLE (seq bigint, notification text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_bitmapscan = off AS $$
BEGIN
    IF only_mentions THEN
        RETURN QUERY SELECT n.seq, notification_json(n, true)::text FROM notifications n
        WHERE n.user_id = reader_id AND n.seq < below_seq AND n.kind IN ('mention', 'broadcast')
          AND (NOT only_unread OR n.read_at IS NULL) AND is_shown(n) ORDER BY n.seq DESC LIMIT page_size;
    ELSIF only_unread THEN
        RETURN QUERY SELECT n.seq, notification_json(n, true)::text FROM notifications n
        WHERE n.user_id = reader_id AND n.seq < below_seq AND n.read_at IS NULL AND is_shown(n) ORDER BY n.seq DESC LIMIT page_size;
    ELSE
        RETURN QUERY SELECT n.seq, notification_json(n, true)::text FROM notifications n
        WHERE n.user_id = reader_id AND n.seq < below_seq AND is_shown(n) ORDER BY n.seq DESC LIMIT page_size;
    END IF;
END $$;
