"""What schedules do in the database."""

from cgraph.core.database import Transaction
from cgraph.system import queries

MONTHS_AHEAD = 3
NONCE_DAYS = 30
NONCE_BATCH = 10_000
"""Nonces deleted by one statement, so that no lock is held for long."""


async def make_partitions(tx: Transaction) -> None:
    """Creates the partitions of this month and of the months ahead."""
    await queries.make_partitions(tx, months_ahead=MONTHS_AHEAD)


async def expire_nonces(tx: Transaction) -> int:
    """Deletes old nonces. Returns how many there were."""
    total = 0
    while deleted := await queries.delete_nonces(tx, days=NONCE_DAYS, limit=NONCE_BATCH):
        total += deleted
    return total
