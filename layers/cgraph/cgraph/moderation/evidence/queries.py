"""Evidence in Postgres. The SQL functions file_report() and resolve_case() write it."""

from cgraph.core.database import Transaction


async def delete_evidence(tx: Transaction, *, days: int, limit: int) -> int:
    """Deletes at most `limit` versions of cases that were resolved more than `days` ago. Returns
    how many.
    """
    return await tx.execute(
        """
        DELETE FROM report_evidence
        WHERE ctid = ANY (ARRAY (
            SELECT ctid FROM report_evidence
            WHERE resolved_at < now() - make_interval(days => %(days)s) LIMIT %(limit)s))
        """,
        {"days": days, "limit": limit},
    )
