"""Fault injection for the proofs, where only the gateway can do it: HTTP responses, sockets and
deliveries to sockets.

`POST /_local/faults` takes `FaultSettings` as JSON. Without settings there are no faults.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

from cgraph_local.gateway.socket import PostResult, Socket

Share = Annotated[float, Ge(0.0), Le(1.0)]
Age = Annotated[float, Ge(0.0), Le(3600.0)]

REORDER_SECONDS = 0.25
"""A reordered delivery is sent after the next one to its socket, or after this time."""


@dataclass(frozen=True)
class ReplyFaults:
    __pydantic_config__: ClassVar = {"extra": "forbid"}
    lose: Share = 0.0
    """The function is invoked, then the TCP connection is closed without a response."""
    routes: tuple[str, ...] = ()
    """Route keys, such as `POST /messages`. Empty: all routes."""


@dataclass(frozen=True)
class SocketFaults:
    __pydantic_config__: ClassVar = {"extra": "forbid"}
    cut: Share = 0.0
    """The share of the open sockets that is closed at once, without a closing handshake."""
    lifetime: tuple[Age, Age] | None = None
    """Each socket is cut after a random time between these, in seconds."""
    lose_disconnects: Share = 0.0
    """`$disconnect` is not called."""


@dataclass(frozen=True)
class DeliveryFaults:
    """Faults of posts to `@connections` that are answered with 200. Their shares add up."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}
    drop: Share = 0.0
    duplicate: Share = 0.0
    reorder: Share = 0.0
    delay: Share = 0.0
    delay_seconds: Annotated[float, Ge(0.0), Le(60.0)] = 0.5


@dataclass(frozen=True)
class FaultSettings:
    __pydantic_config__: ClassVar = {"extra": "forbid"}
    seed: int = 0
    replies: ReplyFaults = ReplyFaults()
    sockets: SocketFaults = SocketFaults()
    deliveries: DeliveryFaults = DeliveryFaults()
    post_statuses: dict[str, Literal[410, 429, 500]] = field(default_factory=dict)
    """By connection id: the status of posts to it, whether there is such a connection or not."""


class FaultInjection:
    """`counts`: the faults injected since the settings were applied, by kind."""

    def __init__(self) -> None:
        self.apply(FaultSettings())

    def apply(self, settings: FaultSettings, *, sockets: Iterable[Socket] = ()) -> None:
        """`sockets`: those that are open now."""
        self.settings = settings
        self.counts: Counter[str] = Counter()
        self._random = random.Random(settings.seed)  # noqa: S311 (repeatable, not secret)
        self._loses_replies = settings.replies.lose > 0.0
        self._held_back: dict[str, bytes] = {}
        deliveries = settings.deliveries
        shares = (deliveries.drop, deliveries.duplicate, deliveries.reorder, deliveries.delay)
        self.affects_posts = any(shares) or bool(settings.post_statuses)
        """Posts to connections must go through `post_status` and `post`."""
        for socket in list(sockets):
            if self._happens(settings.sockets.cut, "sockets_cut"):
                socket.abort()
            else:
                self.on_open(socket)

    def on_open(self, socket: Socket) -> None:
        """Must be called for each socket that is opened."""
        settings = self.settings
        if settings.sockets.lifetime is None:
            return

        def cut() -> None:
            if self.settings is settings and socket.is_open:
                self.counts["sockets_cut"] += 1
                socket.abort()

        age = self._random.uniform(*settings.sockets.lifetime)
        asyncio.get_running_loop().call_later(age, cut)

    def loses_reply(self, route_key: str) -> bool:
        if not self._loses_replies:
            return False
        routes = self.settings.replies.routes
        if routes and route_key not in routes:
            return False
        return self._happens(self.settings.replies.lose, "replies_lost")

    def loses_disconnect(self) -> bool:
        return self._happens(self.settings.sockets.lose_disconnects, "disconnects_lost")

    def post_status(self, connection_id: str) -> int | None:
        """The status that the settings give a post to this connection; None: none."""
        status = self.settings.post_statuses.get(connection_id)
        if status is not None:
            self.counts[f"answered_{status}"] += 1
        return status

    def post(self, socket: Socket, data: bytes) -> PostResult:
        """Replaces `socket.post`."""
        fault = self._delivery_fault()
        if fault is None:
            return self._post_before_held_back(socket, data)
        if socket.is_write_buffer_full:
            return PostResult.FULL
        self.counts[f"deliveries_{fault}"] += 1
        if fault == "duplicated":
            socket.post(data)
            return self._post_before_held_back(socket, data)
        if fault == "reordered":
            self._hold_back(socket, data)
        elif fault == "delayed":
            delay = self._random.random() * self.settings.deliveries.delay_seconds
            asyncio.get_running_loop().call_later(delay, socket.post, data)
        return PostResult.SENT

    def _happens(self, share: float, count: str) -> bool:
        if share == 0.0 or self._random.random() >= share:
            return False
        self.counts[count] += 1
        return True

    def _delivery_fault(self) -> str | None:
        shares = self.settings.deliveries
        draw = self._random.random()
        for share, fault in (
            (shares.drop, "dropped"),
            (shares.duplicate, "duplicated"),
            (shares.reorder, "reordered"),
            (shares.delay, "delayed"),
        ):
            if draw < share:
                return fault
            draw -= share
        return None

    def _post_before_held_back(self, socket: Socket, data: bytes) -> PostResult:
        """Posts the message, then the one that has been held back for this socket."""
        result = socket.post(data)
        held_back = self._held_back.pop(socket.id, None)
        if held_back is not None:
            socket.post(held_back)
        return result

    def _hold_back(self, socket: Socket, data: bytes) -> None:
        previous = self._held_back.pop(socket.id, None)
        if previous is not None:
            socket.post(previous)
        held_back = self._held_back
        held_back[socket.id] = data

        def release() -> None:
            if held_back.get(socket.id) is data:
                del held_back[socket.id]
                socket.post(data)

        asyncio.get_running_loop().call_later(REORDER_SECONDS, release)
