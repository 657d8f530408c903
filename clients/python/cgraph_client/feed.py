"""What comes in, made complete: frames and syncs become changes, in order and each of them once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from cgraph_client.backoff import Backoff, spread
from cgraph_client.changes import CatchUp, Change, Event, Snapshot
from cgraph_client.errors import CGraphError
from cgraph_client.reading import read
from cgraph_client.streams import HOLD_SECONDS, OWN, Streams

if TYPE_CHECKING:
    from cgraph_client.api import Client

SYNC_STREAMS = 2_000
ROOM = 10_000  # changes a slow reader may leave waiting; above, pushes are left to the sync
HEADS_SECONDS = 3.0  # of a large audience that is told heads only, not all ask at once

logger = logging.getLogger("cgraph_client")


class Feed:
    def __init__(
        self, client: Client, *, cursors: Mapping[str, int] | None, backoff: Backoff
    ) -> None:
        self.streams = Streams(cursors)
        self._client = client
        self._backoff = backoff
        self._changes: asyncio.Queue[Change | None] = asyncio.Queue()
        self._wake = asyncio.Event()
        self._lost_sight: dict[str, int] = {}

    async def next(self) -> Change | None:
        """None at the end, however often it is asked."""
        change = await self._changes.get()
        if change is None:
            self.end()
        elif self._has_room:
            self._wake.set()
        return change

    def end(self) -> None:
        self._changes.put_nowait(None)

    # what comes in

    def take(self, frame: Mapping[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        match frame["type"]:
            case "pong":
                self.note_heads(frame.get("heads") or {})
            case "heads":
                self.note_heads(frame["heads"], patience=HOLD_SECONDS + spread(HEADS_SECONDS))
            case "event":
                self._take_event(read(Event.read, frame), now=now)
            case "batch":
                for document in frame["events"]:
                    self._take_event(read(Event.read, document), now=now)
            case "foreign":
                logger.warning("the gateway says: %s", frame["data"])
        self._look()

    def note_heads(self, heads: Mapping[str, int], *, patience: float = HOLD_SECONDS) -> None:
        """What they stand for has that long to come by itself."""
        now = asyncio.get_running_loop().time()
        self.tell(self.streams.note_heads(heads, now=now, patience=patience))
        self._look()

    def greet(self, heads: Mapping[str, int]) -> None:
        self.tell(self.streams.greet(heads, now=asyncio.get_running_loop().time()))
        self._look()

    def doubt(self, stream: str) -> None:
        """Something says that it is no longer to be seen."""
        self.streams.doubt(stream, now=asyncio.get_running_loop().time())
        self._look()

    def doubt_all(self) -> None:
        """No socket can be had: HTTP shows what there is, however long that lasts."""
        self.streams.doubt_all(now=asyncio.get_running_loop().time() + HOLD_SECONDS)
        self._look()

    def tell(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._changes.put_nowait(change)
            if isinstance(change, Snapshot) and change.stream.startswith(OWN):
                self._lost_sight = {change.stream: change.head}

    def _take_event(self, event: Event, *, now: float) -> None:
        if self._has_room:
            self.tell(self.streams.receive(event, now=now))
        elif event.seq is not None:
            self.note_heads({event.stream: event.seq})

    @property
    def _has_room(self) -> bool:
        return self._changes.qsize() < ROOM

    def _look(self) -> None:
        if self.streams.next_due() is not None:
            self._wake.set()

    # the gaps

    async def stay_complete(self) -> None:
        """Runs until it is cancelled, or until asking again cannot help."""
        attempt = 0
        while True:
            await self._until_due()
            try:
                await self._sync()
                attempt = 0
            except CGraphError as error:
                if not error.is_passing:
                    raise
                await asyncio.sleep(self._backoff.delay(attempt, at_least=error.retry_after))
                attempt += 1

    async def _sync(self) -> None:
        now = asyncio.get_running_loop().time()
        cursors = dict(islice(self.streams.due(now).items(), SYNC_STREAMS))
        self.streams.ask(cursors)
        answer = await self._client.sync(cursors)
        if not self._settle(answer, cursors):
            await asyncio.sleep(HOLD_SECONDS)
        if self._lost_sight:  # of one's memberships: the list of conversations has them
            self.greet(await self._client.heads() | self._lost_sight)
            self._lost_sight = {}

    async def _until_due(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due = self.streams.next_due() if self._has_room else None
            if due is not None and due <= clock():
                return
            self._wake.clear()
            try:
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            except TimeoutError:
                return

    def _settle(self, answer: CatchUp, cursors: Mapping[str, int]) -> bool:
        now = asyncio.get_running_loop().time()
        before = self.streams.due(now)
        for name, part in answer.streams.items():
            if name in cursors:
                self.tell(self.streams.settle(name, part, asked_from=cursors[name], now=now))
        return self.streams.due(now) != before
