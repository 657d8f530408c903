"""Reactions in Postgres: whose they are, how many, and what waits to be told."""

from uuid import UUID

from cgraph.chat.messages.models import Locked
from cgraph.chat.messages.reactions.models import Counted, Told
from cgraph.core.database import Transaction


async def change_reaction(
    tx: Transaction, *, id: UUID, user_id: UUID, emoji: str, added: bool, window: int, patience: int
) -> Counted:
    """Counts it, and keeps it for the next event. `window`, `patience`: for how many seconds an
    event is recent, and a job that was sent is on its way.
    """
    counted = await tx.fetch_one(
        Counted,
        """
        WITH inserted AS (
            INSERT INTO reactions (message_id, user_id, emoji, created_at)
            SELECT %(id)s, %(user_id)s, %(emoji)s, clock_timestamp() WHERE %(added)s
        ), deleted AS (
            DELETE FROM reactions
            WHERE message_id = %(id)s AND user_id = %(user_id)s AND emoji = %(emoji)s
              AND NOT %(added)s
        ), pending AS (
            INSERT INTO pending_reactions (message_id, user_id, emoji, added, created_at)
            VALUES (%(id)s, %(user_id)s, %(emoji)s, %(added)s, clock_timestamp())
            ON CONFLICT (message_id, user_id, emoji) DO UPDATE SET added = excluded.added
        ), before AS (
            SELECT coalesce((reactions ->> %(emoji)s)::integer, 0) AS number,
                   clock_timestamp() - reactions_published_at AS since_published,
                   clock_timestamp() - (SELECT min(p.created_at) FROM pending_reactions p
                                        WHERE p.message_id = %(id)s) AS since_first
            FROM messages WHERE id = %(id)s
        )
        UPDATE messages m
        SET reactions = CASE
            WHEN %(added)s THEN m.reactions || jsonb_build_object(%(emoji)s::text, number + 1)
            WHEN number > 1 THEN m.reactions || jsonb_build_object(%(emoji)s::text, number - 1)
            ELSE m.reactions - %(emoji)s::text END
        FROM before
        WHERE m.id = %(id)s
        RETURNING m.reactions,
                  coalesce(since_published < make_interval(secs => %(window)s), false) AS is_recent,
                  coalesce(since_first < make_interval(secs => %(patience)s), false) AS is_awaited
        """,
        {
            "id": id,
            "user_id": user_id,
            "emoji": emoji,
            "added": added,
            "window": window,
            "patience": patience,
        },
    )
    assert counted is not None, "it has been looked at under the stream's lock"
    return counted


async def lock_stream_around(tx: Transaction, *, id: UUID) -> None:
    """As `lock_stream_of`, where it is nobody in particular who asks."""
    await tx.fetch_one(
        Locked,
        """
        SELECT s.id AS conversation_id
        FROM messages m JOIN streams s ON s.id = m.conversation_id
        WHERE m.id = %(id)s
        FOR NO KEY UPDATE OF s
        """,
        {"id": id},
    )


async def take_pending_reactions(tx: Transaction, *, id: UUID) -> Told | None:
    """None where nothing waits to be told."""
    return await tx.fetch_one(
        Told,
        """
        WITH pending AS (
            DELETE FROM pending_reactions WHERE message_id = %(id)s
            RETURNING user_id, emoji, added, created_at
        )
        UPDATE messages m
        SET reactions_published_at = clock_timestamp()
        WHERE m.id = %(id)s AND EXISTS (SELECT FROM pending)
        RETURNING m.conversation_id, m.reactions, (
            SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'emoji', emoji, 'added', added)
                             ORDER BY created_at) FROM pending) AS changes, ARRAY (
            SELECT user_id FROM conversation_members cm
            WHERE cm.conversation_id = m.conversation_id) AS audience
        """,
        {"id": id},
    )
