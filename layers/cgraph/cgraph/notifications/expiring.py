"""Notifications are kept for half a year after the last thing that happened in them."""

import time

from cgraph.core import clock, database
from cgraph.notifications import queries
from cgraph.realtime.announcements import announce_logged

AT_ONCE = 500
WORK_SECONDS = 5.0


async def expire_notifications() -> int:
    """Deletes old ones, some hundred in a transaction, for some seconds; the next timer goes on.
    Returns how many rows were deleted. Raises DatabaseUnavailable.
    """
    ends_at, count = time.monotonic() + WORK_SECONDS, 0
    while time.monotonic() < ends_at:
        async with database.transaction() as tx:
            now = clock.now()
            expired = await queries.expire_notifications(tx, at_most=AT_ONCE, now=now)
            announce_logged(tx, expired.logged, audience=None, now=now)
        count += expired.deleted
        if expired.deleted == 0:
            break
    return count
