"""Blocks that begin or end: an effect after the commit, which the subscriptions of both users take
over at once. Writes are refused in SQL and need none of this.
"""

from typing import NamedTuple
from uuid import UUID

from cgraph.core import database, queues
from cgraph.core.encoding import encode_json
from cgraph.core.errors import DatabaseUnavailable
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.realtime import presence, queries
from cgraph.realtime.errors import RealtimeUnavailable


class BlockChange(NamedTuple):
    """`blocker` has blocked `blocked`, or no longer does."""

    blocker: UUID
    blocked: UUID


async def apply_block_changes(changes: list[BlockChange]) -> None:
    """Never raises: where Valkey does not answer, a job does it."""
    for change in changes:
        try:
            await apply_block_change(change)
        except (RealtimeUnavailable, DatabaseUnavailable) as error:
            logger.warning("block_change_failed", extra={"reason": str(error)})
            _apply_later(change)


async def apply_block_change(change: BlockChange) -> None:
    """Reads what is true by now, since a job may be late. Raises RealtimeUnavailable,
    DatabaseUnavailable.
    """
    async with database.reading() as tx:
        is_blocked = await queries.has_blocked(tx, blocker=change.blocker, blocked=change.blocked)
    await presence.set_block(blocker=change.blocker, blocked=change.blocked, is_blocked=is_blocked)


def _apply_later(change: BlockChange) -> None:
    job = encode_json({"block": {"blocker": str(change.blocker), "blocked": str(change.blocked)}})
    try:
        queues.send(settings().socket_queue_url, [job], delay_seconds=1)
    except queues.QueueUnavailable as error:  # then the subscriptions notice when they are renewed
        logger.error("block_change_failed", extra={"reason": str(error)})
