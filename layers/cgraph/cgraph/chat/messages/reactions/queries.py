"""Queries of reactions, their counts, and those that the next event is to report."""

from datetime import datetime
from uuid import UUID

from cgraph.chat.messages.reactions.models import (
    ChangedReactionRow,
    ReactedRow,
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
    now: datetime,
) -> ChangedReactionRow:
    """Adds or removes the reaction, updates the counts, and publishes the change or stores it for
    the next event. `window`: for how many seconds an event is recent; `job_timeout`: after how many
    seconds a scheduled job counts as lost.
    """
    row = await tx.fetch_one(
        ChangedReactionRow,
        """
        SELECT * FROM change_reaction(%(id)s, %(user_id)s, %(emoji)s, %(added)s, %(window)s,
            %(job_timeout)s, %(now)s)
        """,
        {
            "id": id,
            "user_id": user_id,
            "emoji": emoji,
            "added": added,
            "window": window,
            "job_timeout": job_timeout,
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
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


async def publish_reactions(tx: Transaction, *, id: UUID, now: datetime) -> ReactedRow:
    """Deletes the stored changes and logs them in one event, if there are any."""
    row = await tx.fetch_one(
        ReactedRow,
        "SELECT * FROM publish_reactions(%(id)s, %(now)s)",
        {"id": id, "now": now},
    )
    assert row is not None, "the function always returns one row"
    return row


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
                                          'display_name', u.display_name,
                                          'avatar', u.avatar),
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
