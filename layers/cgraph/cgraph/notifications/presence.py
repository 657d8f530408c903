"""Who is online: has an open socket that gets events."""

from collections.abc import Sequence
from uuid import UUID

from cgraph.core import cache
from cgraph.core.ids import UserId
from cgraph.realtime.connection_store import connections_key
from cgraph.realtime.listeners import listening_sockets


async def online_among(users: Sequence[UUID]) -> list[UUID]:
    """In one round trip. Raises CacheUnavailable."""
    if not users:
        return []
    answers = await cache.run(*(("HGETALL", connections_key(UserId(user))) for user in users))
    return [user for user, answer in zip(users, answers, strict=True) if listening_sockets(answer)]
