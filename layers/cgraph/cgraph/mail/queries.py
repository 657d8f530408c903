"""Queries of addresses that get no mail."""

from collections.abc import Sequence
from datetime import datetime

from cgraph.core.database import Transaction


async def suppress(tx: Transaction, *, addresses: Sequence[str], reason: str, now: datetime) -> int:
    """How many of them were not suppressed before."""
    return await tx.execute(
        """
        INSERT INTO mail_suppressions (email, reason, created_at)
        SELECT DISTINCT lower(address), %(reason)s, %(now)s::timestamptz
        FROM unnest(%(addresses)s::text[]) AS address
        ON CONFLICT DO NOTHING
        """,
        {"addresses": list(addresses), "reason": reason, "now": now},
    )
