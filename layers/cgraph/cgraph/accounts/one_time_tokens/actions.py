from cgraph.accounts.one_time_tokens import queries
from cgraph.core import clock
from cgraph.core.database import Transaction

BATCH = 10_000
"""Deleted by one statement, so that no lock is held for long."""


async def expire_one_time_tokens(tx: Transaction) -> int:
    """Deletes those whose time is over. Returns how many there were."""
    total, now = 0, clock.now()
    while deleted := await queries.delete_expired(tx, now=now, limit=BATCH):
        total += deleted
    return total
