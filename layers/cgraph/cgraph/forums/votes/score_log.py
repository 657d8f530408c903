"""The job that logs which scores have changed, soon after the first vote since the last one.

A timer does the same each minute: for a job that is lost, and for what no vote has changed.
"""

import secrets
from typing import Any

from cgraph.core import cache, queues
from cgraph.core.encoding import encode_json
from cgraph.core.log import logger
from cgraph.core.settings import settings

DELAY_SECONDS = 2
"""So that many votes on a post are one change of its document."""

UNDER_WAY = "log:scores"
"""The key in Valkey of a job that is on its way."""
_LOST_SECONDS = 12
"""After which a job that nobody took is sent again."""


def command() -> cache.Command:
    """Whose answer `settle` reads. A pipeline may be sent twice, and then finds what it has set
    itself.
    """
    return ("SET", UNDER_WAY, secrets.token_hex(8), "NX", "GET", "EX", _LOST_SECONDS)


def settle(command: cache.Command, answer: Any) -> None:
    """Sends the job where none is under way. Never raises: the vote has been counted."""
    if answer not in (None, command[2]):
        return
    try:
        job = encode_json({"log_scores": True})
        queues.send(settings().socket_queue_url, [job], delay_seconds=DELAY_SECONDS)
    except queues.QueueUnavailable as error:
        logger.warning("score_log_skipped", extra={"reason": str(error)})


async def clear() -> None:
    """What is counted from now on needs a job again."""
    try:
        await cache.run(("DEL", UNDER_WAY))
    except cache.CacheUnavailable as error:
        logger.warning("score_log_not_cleared", extra={"reason": str(error)})
