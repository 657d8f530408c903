"""Queries of uploads that are to be removed."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.media.removal.models import RemovedRow


async def deleted_upload(tx: Transaction, *, id: UUID) -> RemovedRow | None:
    return await tx.fetch_one(
        RemovedRow,
        """
        SELECT id, multipart_id FROM uploads WHERE id = %(id)s AND deleted_at IS NOT NULL
        """,
        {"id": id},
    )


async def forget_upload(tx: Transaction, *, id: UUID) -> int:
    return await tx.execute(
        "DELETE FROM uploads WHERE id = %(id)s AND deleted_at IS NOT NULL", {"id": id}
    )


async def mark_unneeded(tx: Transaction, *, now: datetime, before: datetime) -> int:
    """Marks as deleted, oldest first, what did not come or was refused before a time, and what
    became ready before it and is not used.
    """
    return await tx.execute(
        "SELECT mark_unneeded_uploads(%(now)s, %(before)s, 500)", {"now": now, "before": before}
    )


async def deleted_uploads(tx: Transaction, *, before: datetime, limit: int) -> list[RemovedRow]:
    return await tx.fetch(
        RemovedRow,
        """
        SELECT id, multipart_id FROM uploads
        WHERE deleted_at < %(before)s
        ORDER BY deleted_at
        LIMIT %(limit)s
        """,
        {"before": before, "limit": limit},
    )
