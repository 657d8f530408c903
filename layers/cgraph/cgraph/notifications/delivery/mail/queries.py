"""Queries of whether a user wants mail."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction


async def unsubscribe_mail(tx: Transaction, *, user_id: UUID, now: datetime) -> None:
    """Also of what is due already. Nothing happens where the account does not exist any more."""
    await tx.execute(
        """
        WITH unsubscribed AS (
            INSERT INTO notification_preferences AS p (user_id, mail)
            SELECT id, 'off' FROM users WHERE id = %(user_id)s
            ON CONFLICT (user_id) DO UPDATE SET mail = 'off'
        )
        UPDATE deliveries SET cancelled_at = %(now)s, reason = 'off'
        WHERE user_id = %(user_id)s AND channel IN ('mail', 'digest')
          AND sent_at IS NULL AND cancelled_at IS NULL
        """,
        {"user_id": user_id, "now": now},
    )
