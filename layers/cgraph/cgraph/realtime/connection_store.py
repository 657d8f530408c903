"""The open sockets of a user: a hash in Valkey, connection id → "expires session listens"."""

from typing import NamedTuple

from cgraph.core.ids import UserId


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
