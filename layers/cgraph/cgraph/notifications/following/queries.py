"""Queries of what users follow."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.notifications.following.models import (
    Follow,
    FollowKind,
    FollowLevel,
    FollowRow,
    IsThere,
)


async def may_follow(tx: Transaction, *, user_id: UUID, kind: FollowKind, target_id: UUID) -> bool:
    row = await tx.fetch_one(
        IsThere,
        "SELECT may_follow_target(%(user_id)s, %(kind)s, %(target_id)s) AS is_there",
        {"user_id": user_id, "kind": kind, "target_id": target_id},
    )
    return row is not None and row.is_there


async def set_follow(
    tx: Transaction,
    *,
    user_id: UUID,
    kind: FollowKind,
    target_id: UUID,
    tag: str,
    level: FollowLevel,
    now: datetime,
) -> Follow:
    """`since` stays where the level stays."""
    row = await tx.fetch_one(
        Follow,
        """
        INSERT INTO follows AS f (user_id, kind, target_id, tag, level, since)
        VALUES (%(user_id)s, %(kind)s, %(target_id)s, %(tag)s, %(level)s, %(now)s)
        ON CONFLICT (user_id, kind, target_id, tag) DO UPDATE SET
            level = excluded.level, is_automatic = false,
            since = CASE WHEN f.level = excluded.level THEN f.since ELSE excluded.since END
        RETURNING kind, target_id AS id, nullif(tag, '') AS tag, level, is_automatic AS automatic,
            since
        """,
        {
            "user_id": user_id,
            "kind": kind,
            "target_id": target_id,
            "tag": tag,
            "level": level,
            "now": now,
        },
    )
    assert row is not None, "the statement always returns one row"
    return row


async def delete_follow(
    tx: Transaction,
    *,
    user_id: UUID,
    kind: FollowKind,
    target_id: UUID,
    tag: str,
    now: datetime,
) -> None:
    await tx.execute(
        "SELECT delete_follow(%(user_id)s, %(kind)s, %(target_id)s, %(tag)s, %(now)s)",
        {"user_id": user_id, "kind": kind, "target_id": target_id, "tag": tag, "now": now},
    )


async def list_follows(
    tx: Transaction,
    *,
    user_id: UUID,
    kind: FollowKind | None,
    after: tuple[str, UUID, str],
    limit: int,
) -> list[FollowRow]:
    """By kind, id and tag, from after a position."""
    after_kind, after_id, after_tag = after
    return await tx.fetch(
        FollowRow,
        """
        SELECT kind, target_id, tag, follow AS json
        FROM list_follows(%(user_id)s, %(kind)s, %(after_kind)s, %(after_id)s, %(after_tag)s,
            %(limit)s)
        """,
        {
            "user_id": user_id,
            "kind": kind,
            "after_kind": after_kind,
            "after_id": after_id,
            "after_tag": after_tag,
            "limit": limit,
        },
    )
