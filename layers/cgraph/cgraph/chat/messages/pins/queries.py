"""Pins in Postgres: columns of their messages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.chat.messages.models import Changed, Shown
from cgraph.core.database import Transaction


@dataclass(frozen=True, slots=True)
class Pinned:
    number: int


async def pinned(tx: Transaction, *, reader: UUID, conversation_id: UUID) -> list[Shown]:
    """The last pinned first."""
    return await tx.fetch(
        Shown,
        """
        SELECT message_json(m, %(reader)s) AS message
        FROM messages m
        WHERE m.conversation_id = %(conversation_id)s AND m.pinned_at IS NOT NULL
        ORDER BY m.pinned_at DESC, m.seq DESC
        """,
        {"reader": reader, "conversation_id": conversation_id},
    )


async def number_of_pins(tx: Transaction, *, conversation_id: UUID) -> int:
    found = await tx.fetch_one(
        Pinned,
        """
        SELECT count(*) AS number FROM messages
        WHERE conversation_id = %(conversation_id)s AND pinned_at IS NOT NULL
        """,
        {"conversation_id": conversation_id},
    )
    assert found is not None, "a count is always one row"
    return found.number


async def pin(tx: Transaction, *, id: UUID, by: UUID | None, now: datetime | None) -> Changed:
    """`now` and `by` None: it is pinned no more."""
    changed = await tx.fetch_one(
        Changed,
        """
        UPDATE messages m
        SET pinned_at = %(now)s, pinned_by = %(by)s
        WHERE m.id = %(id)s
        RETURNING message_json(m, NULL) AS message, ARRAY (
            SELECT user_id FROM conversation_members cm
            WHERE cm.conversation_id = m.conversation_id) AS audience
        """,
        {"id": id, "by": by, "now": now},
    )
    assert changed is not None, "it has been looked at under the stream's lock"
    return changed
