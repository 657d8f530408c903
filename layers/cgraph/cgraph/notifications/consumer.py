"""The consumer `notifications`: what happened becomes notifications of those whom it concerns.

What names, answers or concerns somebody is made in the batch of its event. What goes to followers
waits in notification_fan_outs and is done between the batches, some hundred users at a time: so a
post with many followers holds up no mention.
"""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

from cgraph.core import clock
from cgraph.core.database import Transaction, transaction
from cgraph.core.settings import settings
from cgraph.events.consumers import (
    Consumer,
    LoggedEvent,
    Overtaken,
    consume_batch,
    retry_failed,
)
from cgraph.events.nudges import Nudge, nudge
from cgraph.notifications import making, queries
from cgraph.notifications.delivery.actions import deliver_soon, expect_deliveries
from cgraph.notifications.looking_ahead import LookAhead
from cgraph.notifications.presence import online_among
from cgraph.realtime.announcements import announce_logged

NAME = "notifications"

WORK_SECONDS = 15.0
"""Of one invocation; after it the consumer nudges itself."""

FAN_OUT_SECONDS = 0.25
"""Between two looks at the log."""

FAN_OUT_EACH_SECONDS = 1.0
"""At least as often, also while the log is long."""

PAUSE_SECONDS = 0.02, 1.0
"""The first and the longest, while a transaction runs that is older than committed ones."""

FAN_OUT_USERS = 200
"""In one transaction, which locks their badges."""


async def notify(tx: Transaction, events: Sequence[LoggedEvent]) -> None:
    """Makes and withdraws what the events bring about."""
    now = clock.now()
    effects = making.effects_of(events)
    if effects is not None:
        logged = await queries.notify_of_events(tx, effects, now=now)
        announce_logged(tx, logged, audience=None, now=now)
        if logged:
            expect_deliveries(tx)


CONSUMER = Consumer(NAME, making.TYPES, notify, batch=250)


async def follow_log(nudges: Sequence[Nudge]) -> None:
    """Follows the log, and between its batches notifies followers; also while the log waits for a
    transaction to end. Raises Unavailable, DatabaseUnavailable: the nudge comes again.
    """
    ends_at = time.monotonic() + WORK_SECONDS
    fans_out_at, pause = time.monotonic() + FAN_OUT_EACH_SECONDS, PAUSE_SECONDS[0]
    ahead = LookAhead(NAME)
    while await retry_failed(CONSUMER, shard=0):
        pass
    while time.monotonic() < ends_at:
        try:
            progress = await consume_batch(CONSUMER, shard=0)
        except Overtaken:  # by one that is in work, and goes on
            break
        if progress.events == CONSUMER.batch:
            await ahead.look()
        if not progress.caught_up and time.monotonic() < fans_out_at:
            continue
        has_more = await fan_out(seconds=FAN_OUT_SECONDS)
        await deliver_soon()
        fans_out_at = time.monotonic() + FAN_OUT_EACH_SECONDS
        if has_more or not progress.caught_up:
            pause = PAUSE_SECONDS[0]
        elif not progress.waits:
            return
        else:
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, PAUSE_SECONDS[1])
    nudge(settings().consumer_queue_urls[NAME], 0)


async def fan_out(*, seconds: float) -> bool:
    """Notifies followers for so long. Returns whether some are left."""
    ends_at = time.monotonic() + seconds
    while await fan_out_once():
        if time.monotonic() > ends_at:
            return True
    return False


async def fan_out_once(*, page_size: int = FAN_OUT_USERS) -> bool:
    """Notifies the next followers; what they get and how far it is commit together. Returns False
    where there is nothing to do."""
    now = clock.now()
    async with transaction() as tx:
        part = await queries.next_fan_out(tx, page_size=page_size)
        if part is None:
            return False
        last = part.users[-1] if len(part.users) == page_size else None
        for sources, users in await _audiences(tx, part):
            logged = await queries.notify_followers(tx, part, sources=sources, users=users, now=now)
            announce_logged(tx, logged, audience=None, now=now)
        await queries.move_fan_out(tx, number=part.number, last_id=last)
    return True


async def _audiences(
    tx: Transaction, part: queries.FanOutPart
) -> Sequence[tuple[Sequence[UUID], Sequence[UUID]]]:
    """Which sources go to which of the users: those with @here only to users who are online."""
    if not part.kind.endswith("_broadcast"):
        return [(part.sources, part.users)]
    here = await queries.sources_for_here(tx, part.sources)
    everyone = [source for source in part.sources if source not in here]
    if not here:
        return [(everyone, part.users)]
    return [(everyone, part.users), (sorted(here), await online_among(part.users))]
