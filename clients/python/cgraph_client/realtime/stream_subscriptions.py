"""The streams whose ephemeral events (typing, presence, read receipts) the client gets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from cgraph_client.core.errors import ApiError, Unreachable
from cgraph_client.core.parsing import parse
from cgraph_client.models.changes import USER_STREAM, PresenceSnapshot
from cgraph_client.realtime.synchronizer import Synchronizer

MAX_STREAMS = 50
"""How many streams a socket may subscribe to, and how many a ping may ask about."""

RETRY_SECONDS = 5.0

Request = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]

logger = logging.getLogger("cgraph_client")


class StreamSubscriptions:
    """Renews the subscriptions and the presence status on each new socket, and the subscriptions
    also at half of the server's lease."""

    def __init__(self, synchronizer: Synchronizer, *, request: Request) -> None:
        self.streams: tuple[str, ...] = ()
        self.presence = "online"
        self._synchronizer = synchronizer
        self._request = request
        self._subscribed: tuple[str, ...] = ()
        self._is_presence_sent = True  # a new socket is online
        self._changed = asyncio.Event()
        self._next_ping_start = 0

    def replace(self, streams: Collection[str]) -> None:
        """Subscribes to the first 50 of these streams, and to no others."""
        self.streams = tuple(streams)[:MAX_STREAMS]
        self._changed.set()

    def set_presence(self, status: str) -> None:
        self.presence, self._is_presence_sent = status, False
        self._changed.set()

    def renew(self) -> None:
        """Must be called when a new socket is open."""
        self._subscribed, self._is_presence_sent = (), self.presence == "online"
        self._changed.set()

    async def run(self) -> None:
        """Runs until it is cancelled."""
        while True:
            self._changed.clear()
            delay = await self._update()
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._changed.wait()

    def heartbeat_streams(self) -> list[str]:
        """Returns the streams that the next ping asks about: the subscribed ones, and some of the
        others in turn, so that each of them has its ping."""
        cursors = self._synchronizer.tracker.cursors
        names = [name for name in cursors if not name.startswith(USER_STREAM)]
        others = [name for name in names if name not in self.streams]
        subscribed = [name for name in names if name in self.streams][:MAX_STREAMS]
        count = min(MAX_STREAMS - len(subscribed), len(others))
        start = self._next_ping_start
        self._next_ping_start = (start + count) % max(1, len(others))
        return subscribed + (others[start:] + others[:start])[:count]

    async def _update(self) -> float | None:
        """Returns the seconds until the next update, None where only a change needs one."""
        try:
            await self._send_presence()
            return await self._subscribe()
        except Unreachable:
            return RETRY_SECONDS  # unless a new socket is open earlier
        except ApiError as error:
            if not error.is_transient:
                logger.warning("the subscription is refused: %s", error)
            return (error.retry_after or RETRY_SECONDS) if error.is_transient else None

    async def _send_presence(self) -> None:
        if not self._is_presence_sent:
            self._is_presence_sent = True
            try:
                await self._request("presence", {"status": self.presence})
            except BaseException:
                self._is_presence_sent = False
                raise

    async def _subscribe(self) -> float | None:
        wanted = self.streams
        unwanted = [name for name in self._subscribed if name not in wanted]
        if unwanted:
            await self._request("unsubscribe", {"streams": unwanted})
        self._subscribed = wanted
        if not wanted:
            return None
        answer = await self._request("subscribe", {"streams": list(wanted)})
        parse(self._apply_answer, answer["streams"])
        return float(answer["lease_ms"]) / 2_000

    def _apply_answer(self, streams: Mapping[str, Any]) -> None:
        for name, subscription in streams.items():
            if subscription.get("gone"):
                self._synchronizer.request_sync(name)
            else:
                self._synchronizer.apply_heads({name: subscription["head"]})
                self._synchronizer.put([PresenceSnapshot.from_json(name, subscription)])
