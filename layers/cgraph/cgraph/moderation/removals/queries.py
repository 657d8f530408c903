"""Removals in Postgres. Whoever removes or restores has locked the streams of forum and post."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.removals.models import RemovalRow, Told
from cgraph.moderation.targets.models import Target


async def removal_of(tx: Transaction, *, target: UUID) -> RemovalRow | None:
    return await tx.fetch_one(
        RemovalRow,
        "SELECT id, reason FROM removals WHERE target_id = %(target)s AND lifted_at IS NULL",
        {"target": target},
    )


async def enter(
    tx: Transaction,
    *,
    id: UUID,
    thing: Target,
    forum_id: UUID,
    by: UUID,
    reason: str,
    now: datetime,
) -> None:
    """Upholds the reports of it; a comment is then out of sight, and its text out of the log."""
    await tx.execute(
        """
        SELECT record_removal(%(id)s, %(forum_id)s, %(kind)s, %(target)s, %(author)s, %(by)s,
                             %(reason)s, %(now)s)
        """,
        {
            "id": id,
            "forum_id": forum_id,
            "kind": thing.kind,
            "target": thing.id,
            "author": thing.author_id,
            "by": by,
            "reason": reason,
            "now": now,
        },
    )


async def lift(tx: Transaction, *, thing: Target, now: datetime) -> None:
    """A comment is then in sight again."""
    await tx.execute(
        "SELECT lift_removal(%(kind)s, %(target)s, %(now)s)",
        {"kind": thing.kind, "target": thing.id, "now": now},
    )


async def comment_told(tx: Transaction, *, id: UUID) -> dict[str, Any]:
    """As all see it."""
    row = await tx.fetch_one(
        Told,
        "SELECT comment_json(c, NULL, false) AS comment FROM comments c WHERE id = %(id)s",
        {"id": id},
    )
    assert row is not None, "it has been looked at under the stream's lock"
    return row.comment
