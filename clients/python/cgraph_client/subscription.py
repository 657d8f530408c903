"""Everything that happens, once and in order, for as long as one listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cgraph_client.backoff import Backoff
from cgraph_client.changes import Change, advance
from cgraph_client.errors import Unreachable
from cgraph_client.feed import Feed
from cgraph_client.focus import Focus
from cgraph_client.lifeline import Lifeline, State

if TYPE_CHECKING:
    from cgraph_client.api import Client


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
        self._cursors = dict(cursors or {})
        self._on_state = on_state
        backoff = backoff or Backoff()
        self._feed = Feed(client, cursors=cursors, backoff=backoff)
        self._focus = Focus(self._feed, ask=self.ask)
        self._lifeline = Lifeline(
            client,
            cursors=lambda: self._feed.streams.cursors,
            watched=self._focus.watched,
            heartbeat=heartbeat,
            on_hello=self._feed.greet,
            on_frame=self._feed.take,
            on_state=self._become,
            on_failure=self._feed.doubt_all,
            backoff=backoff,
        )
        self._greeted = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None

    @property
    def cursors(self) -> dict[str, int]:
        """Where the reader stands, the change last given included: kept, they resume from here."""
        return dict(self._cursors)

    @property
    def focus(self) -> Collection[str]:
        """The streams one looks at, 50 at most: of these typing, presence and receipts are told.
        They stay in focus until others are, whatever becomes of sockets."""
        return self._focus.streams

    @focus.setter
    def focus(self, streams: Collection[str]) -> None:
        self._focus.look(streams)

    def be(self, status: str) -> None:
        """`online`, `away` or `busy`: what others see of one in the streams in focus."""
        self._focus.be(status)

    @property
    def is_connected(self) -> bool:
        return self._lifeline.is_open

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
        change = await self._feed.next()
        if change is None:
            self._raise_failure()
            raise StopAsyncIteration
        advance(self._cursors, change)
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
                tasks.create_task(self._feed.stay_complete())
                tasks.create_task(self._focus.keep())
        except BaseExceptionGroup as failures:
            self._failure = _first(failures)
        finally:
            self._become(State.CLOSED)
            self._feed.end()

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _become(self, state: State) -> None:
        if state is State.CONNECTED:
            self._greeted.set()
            self._focus.renew()
        if state is not self.state:
            self.state = state
            if self._on_state is not None:
                self._on_state(state)


def _first(failure: BaseException) -> BaseException:
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
