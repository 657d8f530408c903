"""Everything that happens, once and in order, for as long as one listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cgraph_client.backoff import Backoff
from cgraph_client.changes import CatchUp, Change, Event, Snapshot, advance
from cgraph_client.errors import CGraphError, Unreachable
from cgraph_client.lifeline import Lifeline, State
from cgraph_client.reading import read
from cgraph_client.streams import HOLD_SECONDS, Streams

if TYPE_CHECKING:
    from cgraph_client.api import Client

SYNC_STREAMS = 2_000
WATCHED = 50  # streams, the most a ping may ask about
ROOM = 10_000  # changes a slow reader may leave waiting; above, pushes are left to the sync

logger = logging.getLogger("cgraph_client")


class Subscription:
    """An asynchronous iterator of changes; `async with` connects and ends.

    It outlives sockets, servers and lost pushes, and ends with an error only when asking again
    cannot help: the session is over, or the server broke the protocol.
    """

    def __init__(
        self,
        client: Client,
        *,
        cursors: Mapping[str, int] | None = None,
        on_state: Callable[[State], None] | None = None,
        heartbeat: float | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.state = State.CONNECTING
        self.focus: Collection[str] = ()
        self._client = client
        self._cursors = dict(cursors or {})
        self._streams = Streams(cursors)
        self._on_state = on_state
        self._backoff = backoff or Backoff()
        self._lifeline = Lifeline(
            client,
            cursors=lambda: self._streams.cursors,
            watched=self._watched,
            heartbeat=heartbeat,
            on_hello=self._take_hello,
            on_frame=self._take,
            on_state=self._become,
            backoff=self._backoff,
        )
        self._changes: asyncio.Queue[Change | None] = asyncio.Queue()
        self._wake = asyncio.Event()
        self._turn = 0
        self._lost_sight: dict[str, int] = {}
        self._greeted = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None

    @property
    def cursors(self) -> dict[str, int]:
        """Where the reader stands, the change last given included: kept, they resume from here."""
        return dict(self._cursors)

    @property
    def is_connected(self) -> bool:
        return self._lifeline.socket is not None and self._lifeline.socket.is_open

    @property
    def trouble(self) -> str:
        """Why the last socket ended or did not open."""
        return self._lifeline.trouble

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._run())
        greeted = asyncio.create_task(self._greeted.wait())
        try:
            await asyncio.wait({greeted, self._running}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self.close()
            raise
        finally:
            greeted.cancel()
        self._raise_failure()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
        if error is None:
            self._raise_failure()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        change = await self._changes.get()
        if change is None:
            self._changes.put_nowait(None)
            self._raise_failure()
            raise StopAsyncIteration
        advance(self._cursors, change)
        if self._changes.qsize() < ROOM:
            self._wake.set()
        return change

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def ask(self, action: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """One frame over the open socket, and the data of its answer."""
        socket = self._lifeline.socket
        if socket is None or not socket.is_open:
            raise Unreachable("no socket is open")
        return await socket.ask(action, data)

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._lifeline.hold())
                tasks.create_task(self._stay_complete())
        except BaseExceptionGroup as failures:
            self._failure = _first(failures)
        finally:
            self._become(State.CLOSED)
            self._changes.put_nowait(None)

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _become(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            if state is State.CONNECTED:
                self._greeted.set()
            if self._on_state is not None:
                self._on_state(state)

    # the gaps

    async def _stay_complete(self) -> None:
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
        cursors = dict(islice(self._streams.due(now).items(), SYNC_STREAMS))
        answer = await self._client.sync(cursors)
        if not self._settle(answer, cursors):
            await asyncio.sleep(HOLD_SECONDS)
        if self._lost_sight:  # of one's memberships: the list of conversations has them
            self._take_hello(await self._client.heads() | self._lost_sight)
            self._lost_sight = {}

    async def _until_due(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due = self._streams.next_due() if self._changes.qsize() < ROOM else None
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
        before = self._streams.due(now)
        for name, part in answer.streams.items():
            if name in cursors:
                self._tell(self._streams.settle(name, part, asked_from=cursors[name], now=now))
        return self._streams.due(now) != before

    # what comes in

    def _take(self, frame: dict[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        match frame["type"]:
            case "pong":
                self._tell(self._streams.note_heads(frame.get("heads") or {}, now=now))
            case "event":
                self._take_event(read(Event.read, frame), now=now)
            case "batch":
                for document in frame["events"]:
                    self._take_event(read(Event.read, document), now=now)
            case "foreign":
                logger.warning("the gateway says: %s", frame["data"])
        if self._streams.next_due() is not None:
            self._wake.set()

    def _take_hello(self, heads: Mapping[str, int]) -> None:
        self._tell(self._streams.greet(heads, now=asyncio.get_running_loop().time()))
        self._wake.set()

    def _watched(self) -> list[str]:
        """Those in focus, and the others in turn, so that each is looked at sooner or later."""
        names = [name for name in self._streams.cursors if not name.startswith("user:")]
        others = [name for name in names if name not in self.focus]
        watched = [name for name in names if name in self.focus][:WATCHED]
        room = min(WATCHED - len(watched), len(others))
        start, self._turn = self._turn, (self._turn + room) % max(1, len(others))
        return watched + (others[start:] + others[:start])[:room]

    def _take_event(self, event: Event, *, now: float) -> None:
        if self._changes.qsize() < ROOM:
            self._tell(self._streams.receive(event, now=now))
        elif event.seq is not None:
            self._tell(self._streams.note_heads({event.stream: event.seq}, now=now))

    def _tell(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._changes.put_nowait(change)
            if isinstance(change, Snapshot) and change.stream.startswith("user:"):
                self._lost_sight = {change.stream: change.head}


def _first(failure: BaseException) -> BaseException:
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
