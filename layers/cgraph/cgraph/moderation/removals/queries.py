"""Removals in Postgres. Whoever removes or restores has locked the streams of forum and post."""

from datetime import datetime
from uuid import UUID

from cgraph.database import Transaction
from cgraph.moderation.removals.models import RemovalRow, Told
from cgraph.moderation.targets.models import Thing


async def removal_of(tx: Transaction, *, target: UUID) -> RemovalRow | None:
    return await tx.fetch_one(
        RemovalRow,
        "SELECT id, reason FROM removals WHERE target_id = %(target)s AND lifted_at IS NULL",
        {"target": target},
    )


async def remove(
    tx: Transaction,
    *,
    id: UUID,
    thing: Thing,
    forum_id: UUID,
    by: UUID,
    reason: str,
    now: datetime,
) -> None:
    """Out of the lists, and its text out of the log; reports of it are upheld."""
    await tx.execute(
        """
        SELECT remove_thing(%(id)s, %(forum_id)s, %(kind)s, %(target)s, %(author)s, %(by)s,
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


async def restore(tx: Transaction, *, thing: Thing, now: datetime) -> None:
    await tx.execute(
        "SELECT restore_thing(%(kind)s, %(target)s, %(now)s)",
        {"kind": thing.kind, "target": thing.id, "now": now},
    )


async def told(tx: Transaction, *, thing: Thing) -> str:
    row = await tx.fetch_one(
        Told,
        "SELECT thing_told(%(kind)s, %(target)s)::text AS shown",
        {"kind": thing.kind, "target": thing.id},
    )
    assert row is not None, "a function answers one row"
    return row.shown
