"""The faults the proofs inject where only the gateway can: replies, sockets and deliveries.

`POST /_local/faults` takes `FaultSettings` as JSON; without it nothing here does anything.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

from cgraph_local.gateway.socket import Posted, Socket

Share = Annotated[float, Ge(0.0), Le(1.0)]
Age = Annotated[float, Ge(0.0), Le(3600.0)]

REORDER_SECONDS = 0.25
"""A delivery that is held back goes after the next one to its socket, or when this is over."""


@dataclass(frozen=True)
class ReplyFaults:
    __pydantic_config__: ClassVar = {"extra": "forbid"}
    lose: Share = 0.0
    """The function has answered; the TCP connection is closed instead of the answer sent."""
    routes: tuple[str, ...] = ()
    """Only of these route keys (`POST /messages`); none named: of all."""


@dataclass(frozen=True)
class SocketFaults:
    __pydantic_config__: ClassVar = {"extra": "forbid"}
    cut: Share = 0.0
    """Of the sockets open now, at once and without a closing handshake."""
    live: tuple[Age, Age] | None = None
    """Each socket is cut at some age between the two, in seconds."""
    lose_disconnects: Share = 0.0
    """`$disconnect` is not called."""


@dataclass(frozen=True)
class DeliveryFaults:
    """What happens to posts to `@connections` that were answered with 200; the shares add up."""

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
    answers: dict[str, Literal[410, 429, 500]] = field(default_factory=dict)
    """What a post to a connection id is answered, whether there is such a connection or not."""


class Faults:
    def __init__(self) -> None:
        self.apply(FaultSettings())

    def apply(self, settings: FaultSettings, *, sockets: Iterable[Socket] = ()) -> None:
        self.settings = settings
        self.counts: Counter[str] = Counter()
        self._random = random.Random(settings.seed)  # noqa: S311 (repeatable, not secret)
        self._loses_replies = settings.replies.lose > 0.0
        self._held: dict[str, bytes] = {}
        deliveries = settings.deliveries
        shares = (deliveries.drop, deliveries.duplicate, deliveries.reorder, deliveries.delay)
        self.posts = any(shares) or bool(settings.answers)
        """Whether posts to connections have to ask here."""
        for socket in list(sockets):
            if self._happens(settings.sockets.cut, "sockets_cut"):
                socket.abort()
            else:
                self.opened(socket)

    def opened(self, socket: Socket) -> None:
        """To be told of each socket."""
        settings = self.settings
        if settings.sockets.live is None:
            return

        def cut() -> None:
            if self.settings is settings and socket.is_open:
                self.counts["sockets_cut"] += 1
                socket.abort()

        age = self._random.uniform(*settings.sockets.live)
        asyncio.get_running_loop().call_later(age, cut)

    def loses_reply(self, route_key: str) -> bool:
        if not self._loses_replies:
            return False
        only = self.settings.replies.routes
        if only and route_key not in only:
            return False
        return self._happens(self.settings.replies.lose, "replies_lost")

    def loses_disconnect(self) -> bool:
        return self._happens(self.settings.sockets.lose_disconnects, "disconnects_lost")

    def answer(self, connection_id: str) -> int | None:
        status = self.settings.answers.get(connection_id)
        if status is not None:
            self.counts[f"answered_{status}"] += 1
        return status

    def post(self, socket: Socket, data: bytes) -> Posted:
        """In place of `socket.post`."""
        fault = self._delivery_fault()
        if fault is None:
            return self._post_with_held(socket, data)
        if socket.is_full:
            return Posted.FULL
        self.counts[f"deliveries_{fault}"] += 1
        if fault == "duplicated":
            socket.post(data)
            return self._post_with_held(socket, data)
        if fault == "reordered":
            self._hold(socket, data)
        elif fault == "delayed":
            delay = self._random.random() * self.settings.deliveries.delay_seconds
            asyncio.get_running_loop().call_later(delay, socket.post, data)
        return Posted.SENT

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

    def _post_with_held(self, socket: Socket, data: bytes) -> Posted:
        posted = socket.post(data)
        held = self._held.pop(socket.id, None)
        if held is not None:
            socket.post(held)
        return posted

    def _hold(self, socket: Socket, data: bytes) -> None:
        before = self._held.pop(socket.id, None)
        if before is not None:
            socket.post(before)
        held = self._held
        held[socket.id] = data

        def release() -> None:
            if held.get(socket.id) is data:
                del held[socket.id]
                socket.post(data)

        asyncio.get_running_loop().call_later(REORDER_SECONDS, release)
