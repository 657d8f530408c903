"""What one looks at: typing, presence and receipts are told of these streams and of no others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from cgraph_client.changes import Present
from cgraph_client.errors import ApiError, Unreachable
from cgraph_client.feed import Feed
from cgraph_client.reading import read
from cgraph_client.streams import OWN

STREAMS = 50  # that a socket may have in focus, and a ping may ask about
AGAIN_SECONDS = 5.0

Ask = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]

logger = logging.getLogger("cgraph_client")


class Focus:
    """Keeps the streams subscribed: on each new socket, and again at half of the server's lease."""

    def __init__(self, feed: Feed, *, ask: Ask) -> None:
        self.streams: tuple[str, ...] = ()
        self.status = "online"
        self._feed = feed
        self._ask = ask
        self._subscribed: tuple[str, ...] = ()
        self._is_said = True  # a new socket is online
        self._changed = asyncio.Event()
        self._turn = 0

    def look(self, streams: Collection[str]) -> None:
        """At these, and at no others: 50 at most, the first of them."""
        self.streams = tuple(streams)[:STREAMS]
        self._changed.set()

    def be(self, status: str) -> None:
        self.status, self._is_said = status, False
        self._changed.set()

    def renew(self) -> None:
        """Another socket is open, which knows nothing of all this."""
        self._subscribed, self._is_said = (), self.status == "online"
        self._changed.set()

    async def keep(self) -> None:
        """Runs until it is cancelled."""
        while True:
            self._changed.clear()
            pause = await self._attempt()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._changed.wait()

    def watched(self) -> list[str]:
        """Those a heartbeat asks about: what is in focus, and the others in turn, so that each is
        looked at sooner or later."""
        names = [name for name in self._feed.streams.cursors if not name.startswith(OWN)]
        others = [name for name in names if name not in self.streams]
        watched = [name for name in names if name in self.streams][:STREAMS]
        room = min(STREAMS - len(watched), len(others))
        start, self._turn = self._turn, (self._turn + room) % max(1, len(others))
        return watched + (others[start:] + others[:start])[:room]

    async def _attempt(self) -> float | None:
        """The seconds until it is to be done again; None: when something has changed."""
        try:
            await self._say()
            return await self._subscribe()
        except Unreachable:
            return AGAIN_SECONDS  # a new socket is sooner
        except ApiError as error:
            if not error.is_passing:
                logger.warning("the focus is refused: %s", error)
            return (error.retry_after or AGAIN_SECONDS) if error.is_passing else None

    async def _say(self) -> None:
        if not self._is_said:
            self._is_said = True
            try:
                await self._ask("presence", {"status": self.status})
            except BaseException:
                self._is_said = False
                raise

    async def _subscribe(self) -> float | None:
        wanted, left = self.streams, [name for name in self._subscribed if name not in self.streams]
        if left:
            await self._ask("unsubscribe", {"streams": left})
        self._subscribed = wanted
        if not wanted:
            return None
        answer = await self._ask("subscribe", {"streams": list(wanted)})
        read(self._take, answer["streams"])
        return float(answer["lease_ms"]) / 2_000

    def _take(self, streams: Mapping[str, Any]) -> None:
        for name, about in streams.items():
            if about.get("gone"):
                self._feed.doubt(name)
            else:
                self._feed.note_heads({name: about["head"]})
                self._feed.tell([Present.read(name, about)])
