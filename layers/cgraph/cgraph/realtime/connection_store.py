"""The open sockets of a user: a hash in Valkey, connection id → "expires session listens"."""

from typing import NamedTuple
from uuid import UUID

from cgraph.core.ids import UserId
from cgraph.events.streams import Stream
from cgraph.realtime.required_cache import run
from cgraph.realtime.subscription_store import socket_key, subscribed_streams


class SocketEntry(NamedTuple):
    """`expires`: when API Gateway ends the socket, in seconds since 1970. `session`: a short id.
    `listens`: the socket has said hello, so that events are pushed to it.
    """

    expires: int
    session: str
    listens: bool

    def __str__(self) -> str:
        return f"{self.expires} {self.session} {int(self.listens)}"


def parse_socket_entry(text: str) -> SocketEntry:
    expires, session, listens = text.split()
    return SocketEntry(int(expires), session, listens == "1")


def connections_key(user_id: UserId) -> str:
    """A hash: connection id → SocketEntry."""
    return f"connections:{{{user_id}}}"


async def subscribed_by(user_id: UUID) -> set[Stream]:
    """The streams that any socket of the user is subscribed to. Raises RealtimeUnavailable."""
    (sockets,) = await run(("HKEYS", connections_key(UserId(user_id))))
    if not sockets:
        return set()
    records = await run(*(("HKEYS", socket_key(socket)) for socket in sockets))
    return {stream for record in records for stream in subscribed_streams(record)}
