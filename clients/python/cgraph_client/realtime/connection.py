"""A realtime connection: every change, once and in order, for as long as it is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Any, Self

from cgraph_client.api.api_client import ApiClient
from cgraph_client.core.backoff import Backoff
from cgraph_client.core.errors import Unreachable
from cgraph_client.models.changes import Change, advance_cursors
from cgraph_client.realtime.connection_manager import ConnectionManager, ConnectionState
from cgraph_client.realtime.stream_subscriptions import StreamSubscriptions
from cgraph_client.realtime.synchronizer import Synchronizer


class RealtimeConnection:
    """An asynchronous iterator of changes. `async with` connects and closes.

    It survives the end of sockets, restarts of the server and lost pushes. It raises an error only
    where another attempt cannot help: the session has ended, or the server broke the protocol.

    `cursors`: the event numbers by stream after which to begin, as an earlier connection had them.
    """

    def __init__(
        self,
        client: ApiClient,
        *,
        cursors: Mapping[str, int] | None = None,
        on_state: Callable[[ConnectionState], None] | None = None,
        heartbeat: float | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.state = ConnectionState.CONNECTING
        self._cursors = dict(cursors or {})
        self._on_state = on_state
        backoff = backoff or Backoff()
        self._synchronizer = Synchronizer(client, cursors=cursors, backoff=backoff)
        self._subscriptions = StreamSubscriptions(self._synchronizer, request=self.request)
        self._manager = ConnectionManager(
            client,
            cursors=lambda: self._synchronizer.tracker.cursors,
            heartbeat_streams=self._subscriptions.heartbeat_streams,
            heartbeat=heartbeat,
            on_hello=self._synchronizer.apply_hello,
            on_frame=self._synchronizer.apply_frame,
            on_state=self._set_state,
            on_unavailable=self._synchronizer.request_sync_of_all,
            backoff=backoff,
        )
        self._was_connected = asyncio.Event()
        self._run_task: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None

    @property
    def cursors(self) -> dict[str, int]:
        """The position after the change that was yielded last, for a later `connect(cursors)`."""
        return dict(self._cursors)

    @property
    def subscribed_streams(self) -> Collection[str]:
        """The streams, 50 at most, whose ephemeral events (typing, presence, read receipts) are
        yielded too. They stay subscribed, on each new socket, until others are set."""
        return self._subscriptions.streams

    @subscribed_streams.setter
    def subscribed_streams(self, streams: Collection[str]) -> None:
        self._subscriptions.replace(streams)

    def set_presence(self, status: str) -> None:
        """`online`, `away` or `busy`: what others see in the streams that both subscribe to."""
        self._subscriptions.set_presence(status)

    @property
    def is_connected(self) -> bool:
        return self._manager.is_open

    @property
    def last_error(self) -> str:
        """Why the last socket ended or did not open; empty at first."""
        return self._manager.last_error

    async def __aenter__(self) -> Self:
        self._run_task = asyncio.create_task(self._run())
        connected = asyncio.create_task(self._was_connected.wait())
        try:
            await asyncio.wait({connected, self._run_task}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self.close()
            raise
        finally:
            connected.cancel()
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
        change = await self._synchronizer.next_change()
        if change is None:
            self._raise_failure()
            raise StopAsyncIteration
        advance_cursors(self._cursors, change)
        return change

    async def close(self) -> None:
        if self._run_task is not None:
            self._run_task.cancel()
            await asyncio.gather(self._run_task, return_exceptions=True)

    async def request(self, action: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Sends one frame over the open socket and returns the data of its answer. Raises
        Unreachable where no socket is open, ApiError where the server refuses it."""
        socket = self._manager.socket
        if socket is None or not socket.is_open:
            raise Unreachable("no socket is open")
        return await socket.request(action, data)

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._manager.run())
                tasks.create_task(self._synchronizer.run())
                tasks.create_task(self._subscriptions.run())
        except BaseExceptionGroup as failures:
            self._failure = _first(failures)
        finally:
            self._set_state(ConnectionState.CLOSED)
            self._synchronizer.end()

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _set_state(self, state: ConnectionState) -> None:
        if state is ConnectionState.CONNECTED:
            self._was_connected.set()
            self._subscriptions.renew()
        if state is not self.state:
            self.state = state
            if self._on_state is not None:
                self._on_state(state)


def _first(failure: BaseException) -> BaseException:
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
