"""Housekeeping in Postgres."""

from cgraph.core.database import Transaction


async def make_partitions(tx: Transaction, *, months_ahead: int) -> None:
    """Those of this month and of the months ahead; safe to call again."""
    await tx.execute(
        """
        SELECT make_partitions(now() + make_interval(months => ahead))
        FROM generate_series(0, %(months)s) AS ahead
        """,
        {"months": months_ahead},
    )


async def expire_nonces(tx: Transaction, *, days: int, at_most: int) -> int:
    """Deletes nonces older than `days`, `at_most` in one go, and answers how many."""
    return await tx.execute(
        """
        DELETE FROM nonces
        WHERE ctid = ANY (ARRAY (
            SELECT ctid FROM nonces
            WHERE created_at < now() - make_interval(days => %(days)s) LIMIT %(at_most)s))
        """,
        {"days": days, "at_most": at_most},
    )
