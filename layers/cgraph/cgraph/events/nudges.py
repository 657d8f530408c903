"""Nudges: after a commit the consumers learn that the log has grown.

The first commit after the last nudge sends one; those after it find that one is under way. A nudge
that is lost costs a minute: then a timer nudges all consumers.
"""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

from cgraph.core import cache, queues
from cgraph.core.fields import Body
from cgraph.core.log import logger
from cgraph.core.settings import settings

UNDER_WAY = "log:nudge"
"""The key in Valkey of a nudge that is on its way."""
_LOST_SECONDS = 10
"""After which a nudge that nobody took is sent again."""

GATHER_SECONDS = 0.2
"""So that a busy log has at most five nudges a second."""


class LogHasGrown(Body):
    """The job of the log queue: it says nothing more, since each consumer knows where it is."""


class Nudge(Body):
    """`shard`: None for all shards of the consumer."""

    shard: int | None = None


def command() -> cache.Command:
    """Whose answer `settle` reads: an effect of a commit sends it along with others. A pipeline may
    be sent twice, and then finds what it has set itself.
    """
    return ("SET", UNDER_WAY, secrets.token_hex(8), "NX", "GET", "EX", _LOST_SECONDS)


def settle(command: cache.Command, answer: Any) -> None:
    """Raises QueueUnavailable."""
    if answer in (None, command[2]):
        queues.send(settings().log_queue_url, ["{}"])


async def report_growth(commits: Sequence[None]) -> None:
    """An effect of a commit that logs and announces nothing. Never raises: a timer nudges too."""
    claim = command()
    try:
        (answer,) = await cache.run(claim)
        settle(claim, answer)
    except (cache.CacheUnavailable, queues.QueueUnavailable) as error:
        logger.warning("nudge_skipped", extra={"reason": str(error)})


async def nudge_consumers(jobs: Sequence[LogHasGrown]) -> None:
    """Raises QueueUnavailable: the queue brings the jobs again."""
    await asyncio.sleep(GATHER_SECONDS)
    try:
        await cache.run(("DEL", UNDER_WAY))  # what is committed from now on needs a nudge again
    except cache.CacheUnavailable as error:
        logger.warning("nudge_not_cleared", extra={"reason": str(error)})
    nudge_all()


def nudge_all(*, group: str | None = None) -> None:
    """In a `group` of its own a nudge does not wait for one whose process died. Raises
    QueueUnavailable.
    """
    for queue in settings().consumer_queue_urls.values():
        nudge(queue, None, group=group)


def nudge(queue_url: str, *shards: int | None, group: str | None = None) -> None:
    """Each shard is a group of the FIFO queue, so that it is in work once at a time. Raises
    QueueUnavailable.
    """
    for shard in shards:
        body = Nudge(shard=shard).model_dump_json()
        queues.send(queue_url, [body], group=group or str(shard or 0))
