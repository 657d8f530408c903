"""Queries of what is due to be sent about notifications."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.notifications.delivery.models import (
    ClaimedRow,
    ContentRow,
    RecipientRow,
    SubscriptionRow,
)


async def claim_deliveries(tx: Transaction, *, now: datetime, most: int) -> list[ClaimedRow]:
    """All that is due of the users of the `most` oldest deliveries."""
    return await tx.fetch(
        ClaimedRow,
        "SELECT * FROM claim_deliveries(%(now)s, %(most)s)",
        {"now": now, "most": most},
    )


async def release_deliveries(tx: Transaction, *, rows: Sequence[ClaimedRow], now: datetime) -> int:
    return await tx.execute(
        "SELECT release_deliveries(%(users)s, %(ids)s, %(channels)s, %(now)s)",
        {
            "users": [row.user_id for row in rows],
            "ids": [row.notification_id for row in rows],
            "channels": [row.channel for row in rows],
            "now": now,
        },
    )


async def contents_of(tx: Transaction, *, rows: Sequence[ClaimedRow]) -> list[ContentRow]:
    """Newest first."""
    return await tx.fetch(
        ContentRow,
        """
        SELECT n.user_id, n.id, n.kind, n.level, n.place_kind, n.place_id,
               place_name(n.place_kind, n.place_id) AS place_name,
               n.target_kind, n.target_id, n.actor_count, n.event_count,
               ARRAY(
                   SELECT u.display_name
                   FROM unnest(n.actors) WITH ORDINALITY AS a(id, place) JOIN users u USING (id)
                   WHERE NOT is_block_between(n.user_id, u.id) ORDER BY a.place LIMIT 2
               ) AS actor_names,
               CASE WHEN p.show_preview THEN notification_excerpt(n) END AS excerpt
        FROM unnest(%(users)s::uuid[], %(ids)s::uuid[]) AS claimed(user_id, id)
        JOIN notifications n USING (user_id, id)
        LEFT JOIN notification_preferences p ON p.user_id = n.user_id
        ORDER BY n.seq DESC
        """,
        {
            "users": [row.user_id for row in rows],
            "ids": [row.notification_id for row in rows],
        },
    )


async def recipients_of(tx: Transaction, *, user_ids: Sequence[UUID]) -> list[RecipientRow]:
    return await tx.fetch(
        RecipientRow,
        """
        SELECT u.id, u.email, u.display_name, coalesce(c.unread, 0) AS unread,
               u.language
        FROM users u LEFT JOIN notification_counters c ON c.user_id = u.id
        WHERE u.id = ANY (%(user_ids)s)
        """,
        {"user_ids": list(user_ids)},
    )


async def subscriptions_of(tx: Transaction, *, user_ids: Sequence[UUID]) -> list[SubscriptionRow]:
    """Of devices whose session is live."""
    return await tx.fetch(
        SubscriptionRow,
        """
        SELECT d.id, d.user_id, d.platform, d.endpoint, d.public_key, d.auth
        FROM devices d JOIN live_devices USING (id)
        WHERE d.user_id = ANY (%(user_ids)s)
        """,
        {"user_ids": list(user_ids)},
    )


async def expire_deliveries(tx: Transaction, *, before: datetime, most: int) -> int:
    """Deletes old ones that were sent or cancelled."""
    return await tx.execute(
        """
        DELETE FROM deliveries d
        USING (
            SELECT user_id, notification_id, channel FROM deliveries
            WHERE (sent_at IS NOT NULL OR cancelled_at IS NOT NULL) AND due_at < %(before)s
            ORDER BY due_at LIMIT %(most)s
        ) old
        WHERE d.user_id = old.user_id AND d.notification_id = old.notification_id
          AND d.channel = old.channel
        """,
        {"before": before, "most": most},
    )
