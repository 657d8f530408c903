"""What the timers do in the database."""

from cgraph.core.database import Transaction
from cgraph.system import queries

MONTHS_AHEAD = 3
NONCE_DAYS = 30
NONCES_AT_ONCE = 10_000


async def make_partitions(tx: Transaction) -> None:
    await queries.make_partitions(tx, months_ahead=MONTHS_AHEAD)


async def expire_nonces(tx: Transaction) -> int:
    """How many went; small steps, so that no lock is held for long."""
    total = 0
    while gone := await queries.expire_nonces(tx, days=NONCE_DAYS, at_most=NONCES_AT_ONCE):
        total += gone
    return total
