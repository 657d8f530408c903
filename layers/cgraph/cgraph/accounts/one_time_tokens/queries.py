"""Queries of one-time tokens, whatever they are for."""

from datetime import datetime

from cgraph.core.database import Transaction


async def delete_expired(tx: Transaction, *, now: datetime, limit: int) -> int:
    """Returns how many there were."""
    return await tx.execute(
        """
        DELETE FROM one_time_tokens WHERE id IN (
            SELECT id FROM one_time_tokens WHERE expires_at <= %(now)s
            ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        )
        """,
        {"now": now, "limit": limit},
    )
