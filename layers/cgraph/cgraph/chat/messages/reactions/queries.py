"""Queries of reactions, their counts, and those that the next event is to report."""

from datetime import datetime
from uuid import UUID

from cgraph.chat.messages.reactions.models import (
    PendingReactionsRow,
    ReactionCountsRow,
    ReactionRow,
)
from cgraph.core.database import Transaction


async def change_reaction(
    tx: Transaction,
    *,
    id: UUID,
    user_id: UUID,
    emoji: str,
    added: bool,
    window: int,
    job_timeout: int,
) -> ReactionCountsRow:
    """Adds or removes the reaction, updates the counts, and stores the change for the next event.
    `window`: for how many seconds an event is recent; `job_timeout`: after how many seconds a
    scheduled job counts as lost.
    """
    row = await tx.fetch_one(
        ReactionCountsRow,
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
            coalesce(since_first < make_interval(secs => %(job_timeout)s), false) AS is_scheduled
        """,
        {
            "id": id,
            "user_id": user_id,
            "emoji": emoji,
            "added": added,
            "window": window,
            "job_timeout": job_timeout,
        },
    )
    assert row is not None, "the message was read under the stream's lock"
    return row


async def lock_stream(tx: Transaction, *, id: UUID) -> None:
    """Locks the stream of the message's conversation until the transaction ends."""
    await tx.execute(
        """
        SELECT FROM messages m JOIN streams s ON s.id = m.conversation_id
        WHERE m.id = %(id)s
        FOR NO KEY UPDATE OF s
        """,
        {"id": id},
    )


async def take_pending_reactions(tx: Transaction, *, id: UUID) -> PendingReactionsRow | None:
    """Deletes the stored changes and returns them, or None if there are none."""
    return await tx.fetch_one(
        PendingReactionsRow,
        """
        WITH pending AS (
            DELETE FROM pending_reactions WHERE message_id = %(id)s
            RETURNING user_id, emoji, added, created_at
        )
        UPDATE messages m
        SET reactions_published_at = clock_timestamp()
        WHERE m.id = %(id)s AND EXISTS (SELECT FROM pending)
        RETURNING m.conversation_id, m.seq AS message_seq, m.reactions, (
            SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'emoji', emoji, 'added', added)
                             ORDER BY created_at) FROM pending) AS changes, ARRAY (
            SELECT user_id FROM conversation_members cm
            WHERE cm.conversation_id = m.conversation_id) AS audience,
            history_limits(m.conversation_id) AS history_limits
        """,
        {"id": id},
    )


async def list_reactions(
    tx: Transaction, *, id: UUID, emoji: str, after: tuple[datetime, UUID], limit: int
) -> list[ReactionRow]:
    """Returns who reacted with the emoji, oldest first, from after (`created_at`, user id)."""
    reacted_after, id_above = after
    return await tx.fetch(
        ReactionRow,
        """
        SELECT r.created_at, r.user_id, json_build_object(
                'user', json_build_object('id', u.id, 'username', u.username,
                                          'display_name', u.display_name),
                'created_at', rfc3339(r.created_at)
            )::text AS json
        FROM (SELECT created_at, user_id FROM reactions
              WHERE message_id = %(id)s AND emoji = %(emoji)s
                AND (created_at, user_id) > (%(at)s, %(user_id)s)
              ORDER BY created_at, user_id
              LIMIT %(limit)s) AS r
        JOIN users u ON u.id = r.user_id
        ORDER BY r.created_at, r.user_id
        """,
        {"id": id, "emoji": emoji, "at": reacted_after, "user_id": id_above, "limit": limit},
    )
