"""Who is online: has an open socket that gets events. And who looks at what."""

import time
from collections.abc import Mapping, Sequence
from uuid import UUID

from cgraph.core import cache
from cgraph.core.ids import UserId
from cgraph.realtime.connection_store import connections_key
from cgraph.realtime.listeners import listening_sockets
from cgraph.realtime.subscription_store import Status, socket_key, subscribed_streams


async def online_among(users: Sequence[UUID]) -> list[UUID]:
    """In one round trip. Raises CacheUnavailable."""
    return [user for user, sockets in (await _sockets_of(users)).items() if sockets]


async def looking_at(users: Sequence[UUID]) -> Mapping[UUID, set[UUID]]:
    """The ids of the streams that each user is subscribed to with an open socket on which they are
    not away. In two round trips. Raises CacheUnavailable.
    """
    sockets = [
        (user, socket) for user, found in (await _sockets_of(users)).items() for socket in found
    ]
    if not sockets:
        return {}
    records = await cache.run(*(("HGETALL", socket_key(socket)) for _, socket in sockets))
    streams: dict[UUID, set[UUID]] = {}
    for (user, _), record in zip(sockets, records, strict=True):
        if record.get("status") != Status.AWAY:
            streams.setdefault(user, set()).update(_live_streams(record))
    return streams


async def _sockets_of(users: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Those that get events. Raises CacheUnavailable."""
    if not users:
        return {}
    answers = await cache.run(*(("HGETALL", connections_key(UserId(user))) for user in users))
    return {user: listening_sockets(answer) for user, answer in zip(users, answers, strict=True)}


def _live_streams(record: Mapping[str, str]) -> list[UUID]:
    """Of a socket's own hash, those whose lease has not ended."""
    now = time.time()
    leases = (field for field, value in record.items() if ":" in field and float(value) > now)
    return [stream.id for stream in subscribed_streams(leases)]
