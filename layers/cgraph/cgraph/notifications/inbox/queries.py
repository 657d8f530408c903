"""Queries of a user's notifications."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.notifications.inbox.models import Badge, MarkedRow, NotificationRow


async def list_notifications(
    tx: Transaction,
    *,
    reader: UUID,
    only_unread: bool,
    only_mentions: bool,
    below: int,
    limit: int,
) -> list[NotificationRow]:
    return await tx.fetch(
        NotificationRow,
        """
        SELECT seq, notification AS json FROM list_notifications(
            %(reader)s, %(unread)s, %(mentions)s, %(below)s, %(limit)s)
        """,
        {
            "reader": reader,
            "unread": only_unread,
            "mentions": only_mentions,
            "below": below,
            "limit": limit,
        },
    )


async def badge(tx: Transaction, *, user_id: UUID) -> Badge:
    found = await tx.fetch_one(
        Badge,
        "SELECT unread, unseen FROM notification_counters WHERE user_id = %(user_id)s",
        {"user_id": user_id},
    )
    assert found is not None, "every user has one"
    return found


async def read_notifications(
    tx: Transaction,
    *,
    user_id: UUID,
    ids: Sequence[UUID] | None,
    about: UUID | None,
    up_to: UUID | None,
    at_most: int,
    now: datetime,
) -> MarkedRow:
    row = await tx.fetch_one(
        MarkedRow,
        """
        SELECT * FROM read_notifications(%(user_id)s, %(ids)s::uuid[], %(about)s, %(up_to)s,
            %(at_most)s, %(now)s)
        """,
        {
            "user_id": user_id,
            "ids": None if ids is None else list(ids),
            "about": about,
            "up_to": up_to,
            "at_most": at_most,
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def see_notifications(
    tx: Transaction, *, user_id: UUID, up_to: UUID | None, now: datetime
) -> MarkedRow:
    row = await tx.fetch_one(
        MarkedRow,
        "SELECT * FROM see_notifications(%(user_id)s, %(up_to)s, %(now)s)",
        {"user_id": user_id, "up_to": up_to, "now": now},
    )
    assert row is not None, "the function always returns one row"
    return row
