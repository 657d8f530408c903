from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction


async def resolve_open_case(tx: Transaction, *, target_id: UUID, by: UUID, now: datetime) -> None:
    """Does nothing if the target has no open case."""
    await tx.execute(
        """
        SELECT resolve_case(c.id, %(by)s, 'approve', '', %(now)s)
        FROM report_cases c WHERE c.target_id = %(target_id)s AND c.resolved_at IS NULL
        """,
        {"target_id": target_id, "by": by, "now": now},
    )
