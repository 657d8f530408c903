"""While the log is long, what came in quiet streams is looked at before its turn.

The consumer does the events of a window stream by stream, so a mention would wait for all that a
busy stream had before it. Each source notifies a user once, whatever comes again: so these events
can be done early, and find nothing to do when it is their turn.
"""

import time
from dataclasses import dataclass

from cgraph.core import clock
from cgraph.core.cache import CacheUnavailable
from cgraph.core.database import transaction
from cgraph.core.errors import DatabaseUnavailable
from cgraph.core.log import logger
from cgraph.notifications import making, queries
from cgraph.notifications.delivery.actions import expect_deliveries
from cgraph.realtime.announcements import announce_logged

EACH_SECONDS = 0.5

BUSY_EVENTS = 50
"""A stream that had more since the last look is busy, and waits for its turn."""

EVENTS_AT_ONCE = 250


@dataclass(slots=True)
class LookAhead:
    """Of one invocation. `since`: the transactions below this one were looked at."""

    name: str
    since: int | None = None
    next_at: float = 0.0

    async def look(self) -> None:
        """Not more often than each half second. What fails here is done in its turn. Raises
        DatabaseUnavailable."""
        if time.monotonic() < self.next_at:
            return
        try:
            await self._look()
        except (DatabaseUnavailable, CacheUnavailable):
            raise
        except Exception:
            logger.warning("look_ahead_failed", extra={"consumer": self.name}, exc_info=True)
        self.next_at = time.monotonic() + EACH_SECONDS

    async def _look(self) -> None:
        now = clock.now()
        async with transaction() as tx:
            reach = await queries.reach_of_log(tx, name=self.name)
            events = await queries.quiet_events(
                tx,
                since=reach.since if self.since is None else self.since,
                after=reach.after,
                types=sorted(making.TYPES),
                busy=BUSY_EVENTS,
                most=EVENTS_AT_ONCE,
            )
            effects = making.effects_of(events)
            if effects is not None:
                effects.created.clear()  # followers wait for its turn
                logged = await queries.notify_of_events(tx, effects, now=now)
                announce_logged(tx, logged, audience=None, now=now)
                if logged:
                    expect_deliveries(tx)
        self.since = reach.until
