"""Queries of read markers: how far each member has read a conversation."""

from datetime import datetime
from uuid import UUID

from cgraph.chat.conversations.read_markers.models import ReadStateRow
from cgraph.core.database import Transaction
from cgraph.core.policies import Policy


async def mark_read(
    tx: Transaction, *, reader: UUID, policy: Policy, id: UUID, seq: int, now: datetime
) -> ReadStateRow | None:
    """Moves the marker forward, never back and never past the head, and ends the mark as unread.
    Returns None if the reader is not a member. If the policy does not allow the reader's role,
    nothing changes.
    """
    return await tx.fetch_one(
        ReadStateRow,
        """
        SELECT %(id)s::uuid AS conversation_id, state.*
        FROM mark_read(%(id)s, %(reader)s, %(seq)s, %(roles)s, %(now)s) AS state
        WHERE state.role IS NOT NULL
        """,
        {"reader": reader, "id": id, "seq": seq, "now": now, "roles": sorted(policy.roles)},
    )


async def mark_unread(
    tx: Transaction, *, reader: UUID, policy: Policy, id: UUID, now: datetime
) -> ReadStateRow | None:
    """Marks the conversation as unread; the marker stays. Returns as `mark_read`."""
    return await tx.fetch_one(
        ReadStateRow,
        """
        SELECT %(id)s::uuid AS conversation_id, state.*
        FROM mark_unread(%(id)s, %(reader)s, %(roles)s, %(now)s) AS state
        WHERE state.role IS NOT NULL
        """,
        {"reader": reader, "id": id, "now": now, "roles": sorted(policy.roles)},
    )
