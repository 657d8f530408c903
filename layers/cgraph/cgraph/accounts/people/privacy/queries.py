"""Queries of what users let others do."""

from uuid import UUID

from cgraph.accounts.people.privacy.models import Privacy, PrivacyChange
from cgraph.core.database import Transaction


async def privacy_of(tx: Transaction, *, user_id: UUID) -> Privacy | None:
    return await tx.fetch_one(
        Privacy,
        "SELECT messages_from, groups_from, receipts FROM users WHERE id = %(user_id)s",
        {"user_id": user_id},
    )


async def change_privacy(
    tx: Transaction, *, user_id: UUID, change: PrivacyChange
) -> Privacy | None:
    return await tx.fetch_one(
        Privacy,
        """
        UPDATE users
        SET messages_from = coalesce(%(messages_from)s, messages_from),
            groups_from = coalesce(%(groups_from)s, groups_from),
            receipts = coalesce(%(receipts)s, receipts)
        WHERE id = %(user_id)s
        RETURNING messages_from, groups_from, receipts
        """,
        {"user_id": user_id, **change.model_dump()},
    )
