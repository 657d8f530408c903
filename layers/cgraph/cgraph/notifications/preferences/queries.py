"""Queries of how users want to be notified."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.notifications.preferences.models import Preferences, PreferencesDraft


async def preferences(tx: Transaction, *, user_id: UUID) -> Preferences | None:
    """None for the defaults."""
    return await tx.fetch_one(
        Preferences,
        """
        SELECT time_zone, quiet_from, quiet_until, push, show_preview, mail, silenced
        FROM notification_preferences WHERE user_id = %(user_id)s
        """,
        {"user_id": user_id},
    )


async def set_preferences(
    tx: Transaction, *, user_id: UUID, draft: PreferencesDraft
) -> Preferences | None:
    """None where the time zone does not exist."""
    return await tx.fetch_one(
        Preferences,
        """
        INSERT INTO notification_preferences
               (user_id, time_zone, quiet_from, quiet_until, push, show_preview, mail, silenced)
        SELECT %(user_id)s, z.name, %(quiet_from)s::time, %(quiet_until)s::time, %(push)s,
               %(show_preview)s, %(mail)s, %(silenced)s::text[]
        FROM pg_timezone_names z WHERE z.name = %(time_zone)s
        ON CONFLICT (user_id) DO UPDATE SET
            time_zone = excluded.time_zone, quiet_from = excluded.quiet_from,
            quiet_until = excluded.quiet_until, push = excluded.push,
            show_preview = excluded.show_preview, mail = excluded.mail,
            silenced = excluded.silenced
        RETURNING time_zone, quiet_from, quiet_until, push, show_preview, mail, silenced
        """,
        {
            "user_id": user_id,
            "time_zone": draft.time_zone,
            "quiet_from": draft.quiet_from,
            "quiet_until": draft.quiet_until,
            "push": draft.push,
            "show_preview": draft.show_preview,
            "mail": draft.mail,
            "silenced": sorted(set(draft.silenced)),
        },
    )
