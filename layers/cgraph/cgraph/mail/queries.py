"""Queries of mail: the key that signs links, and addresses that get no mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cgraph.core.database import Transaction


@dataclass(frozen=True, slots=True)
class KeyRow:
    key: bytes


async def server_key(tx: Transaction, *, name: str, candidate: bytes, now: datetime) -> bytes:
    row = await tx.fetch_one(
        KeyRow,
        "SELECT server_key(%(name)s, %(candidate)s, %(now)s) AS key",
        {"name": name, "candidate": candidate, "now": now},
    )
    assert row is not None, "the statement always returns one row"
    return row.key


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
