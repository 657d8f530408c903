"""Removals in Postgres. Their callers have locked the streams of the forum and of the post."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.removals.models import CommentPayloadRow, RemovalRow
from cgraph.moderation.targets.models import Target


async def removal_of(tx: Transaction, *, target_id: UUID) -> RemovalRow | None:
    """The removal that is in force, if there is one."""
    return await tx.fetch_one(
        RemovalRow,
        "SELECT id, reason FROM removals WHERE target_id = %(target_id)s AND lifted_at IS NULL",
        {"target_id": target_id},
    )


async def record_removal(
    tx: Transaction,
    *,
    id: UUID,
    target: Target,
    forum_id: UUID,
    by: UUID,
    reason: str,
    with_ban: bool,
    now: datetime,
) -> None:
    """Also resolves the target's open case. A comment is marked as removed, and its text is deleted
    from logged events.
    """
    await tx.execute(
        """
        SELECT record_removal(%(id)s, %(forum_id)s, %(kind)s, %(target)s, %(author)s, %(by)s,
                             %(reason)s, %(with_ban)s, %(now)s)
        """,
        {
            "id": id,
            "forum_id": forum_id,
            "kind": target.kind,
            "target": target.id,
            "author": target.author_id,
            "by": by,
            "reason": reason,
            "with_ban": with_ban,
            "now": now,
        },
    )


async def lift_removal(tx: Transaction, *, target: Target, now: datetime) -> None:
    """A comment is also marked as no longer removed."""
    await tx.execute(
        "SELECT lift_removal(%(kind)s, %(target)s, %(now)s)",
        {"kind": target.kind, "target": target.id, "now": now},
    )


async def comment_payload(tx: Transaction, *, id: UUID) -> dict[str, Any]:
    """The comment as every reader sees it, for an event."""
    row = await tx.fetch_one(
        CommentPayloadRow,
        "SELECT comment_event_json(c) AS comment FROM comments c WHERE id = %(id)s",
        {"id": id},
    )
    assert row is not None, "it was read under the lock of the stream"
    return row.comment
