"""Records everything that a connection yields."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from cgraph_client import (
    Change,
    Client,
    ConnectionState,
    Event,
    Message,
    RealtimeConnection,
    Snapshot,
)
from tests.unit.client.conftest import QUICK


class ChangeRecorder:
    """Reads a connection to its end; `until` waits for what it should yield."""

    def __init__(self, client: Client, cursors: dict[str, int] | None = None) -> None:
        self.states: list[ConnectionState] = []
        self.changes: list[Change] = []
        self.connection: RealtimeConnection = client.connect(
            cursors, backoff=QUICK, on_state=self.states.append
        )

    async def __aenter__(self) -> Self:
        await self.connection.__aenter__()
        self._recording = asyncio.create_task(self._record())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.connection.__aexit__(kind, error, trace)
        await self._recording

    async def _record(self) -> None:
        async for change in self.connection:
            self.changes.append(change)

    @property
    def messages(self) -> list[Message]:
        """The message of each `message.created`, in order."""
        events = (change for change in self.changes if isinstance(change, Event))
        return [e.message for e in events if e.event == "message.created" and e.message]

    @property
    def contents(self) -> list[str]:
        return [message.content for message in self.messages]

    @property
    def snapshots(self) -> list[Snapshot]:
        return [change for change in self.changes if isinstance(change, Snapshot)]

    async def until(self, condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)
