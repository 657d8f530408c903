"""Ends subscriptions of users who lost access to a stream: effects after a commit.

Before the commit the user could subscribe again. Durable events need none of this, since their
audience is read in the transaction; what is ended here is typing, presence, receipts and scores.
"""

from typing import NamedTuple
from uuid import UUID

from cgraph.core import database
from cgraph.core.errors import DatabaseUnavailable
from cgraph.core.ids import UserId
from cgraph.core.log import logger
from cgraph.events.streams import Stream
from cgraph.realtime import queries, subscriptions
from cgraph.realtime.connection_store import subscribed_by
from cgraph.realtime.errors import RealtimeUnavailable


class LostAccess(NamedTuple):
    user_id: UUID
    stream: Stream


async def end_subscriptions(lost: list[LostAccess]) -> None:
    """Of all sockets of these users to these streams. Never raises."""
    for user_id, stream in lost:
        await subscriptions.end_subscription(user_id=user_id, stream=stream)


async def end_unreadable_subscriptions(user_ids: list[UUID]) -> None:
    """Of all sockets of these users to every stream that they may no longer read: for those who
    left a forum or were banned from it. Never raises.
    """
    for user_id in user_ids:
        try:
            for stream in await _unreadable(UserId(user_id)):
                await subscriptions.end_subscription(user_id=user_id, stream=stream)
        except (RealtimeUnavailable, DatabaseUnavailable) as error:
            logger.warning("unsubscribe_failed", extra={"reason": str(error)})


async def _unreadable(user_id: UserId) -> list[Stream]:
    """Raises RealtimeUnavailable, DatabaseUnavailable."""
    subscribed = await subscribed_by(user_id)
    if not subscribed:
        return []
    async with database.reading() as tx:
        ids = [stream.id for stream in subscribed]
        readable = {head.id for head in await queries.heads_of(tx, reader=user_id, streams=ids)}
    return [stream for stream in subscribed if stream.id not in readable]
