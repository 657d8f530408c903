from cgraph.core.database import Transaction


async def make_partitions(tx: Transaction, *, months_ahead: int) -> None:
    """Leaves partitions that exist as they are."""
    await tx.execute(
        """
        SELECT make_partitions(now() + make_interval(months => ahead))
        FROM generate_series(0, %(months)s) AS ahead
        """,
        {"months": months_ahead},
    )


async def delete_nonces(tx: Transaction, *, days: int, limit: int) -> int:
    """Deletes at most `limit` nonces that are older than `days`. Returns how many."""
    return await tx.execute(
        """
        DELETE FROM nonces
        WHERE ctid = ANY (ARRAY (
            SELECT ctid FROM nonces
            WHERE created_at < now() - make_interval(days => %(days)s) LIMIT %(limit)s))
        """,
        {"days": days, "limit": limit},
    )
