"""The open sockets of a user: a hash in Valkey, connection id → "ends session listens"."""

from typing import NamedTuple

from cgraph.core.ids import UserId


class Socket(NamedTuple):
    """One socket in its person's hash. `ends`: when API Gateway will have ended it, in seconds
    since 1970. `session`: its id, short. `listens`: it has said hello.
    """

    ends: int
    session: str
    listens: bool

    def __str__(self) -> str:
        return f"{self.ends} {self.session} {int(self.listens)}"


def parse_socket(text: str) -> Socket:
    ends, session, listens = text.split()
    return Socket(int(ends), session, listens == "1")


def connections_key(user_id: UserId) -> str:
    """A hash: connection id → its Socket."""
    return f"connections:{{{user_id}}}"
