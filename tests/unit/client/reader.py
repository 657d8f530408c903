"""A program that only listens, and remembers what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from cgraph_client import Change, Client, Event, Message, Snapshot, State, Subscription
from tests.unit.client.conftest import QUICK


class Reader:
    """Reads a subscription to its end; `until` waits for what it should have been told."""

    def __init__(self, client: Client, cursors: dict[str, int] | None = None) -> None:
        self.states: list[State] = []
        self.changes: list[Change] = []
        self.subscription: Subscription = client.subscribe(
            cursors, backoff=QUICK, on_state=self.states.append
        )

    async def __aenter__(self) -> Self:
        await self.subscription.__aenter__()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.subscription.__aexit__(kind, error, trace)
        await self._reading

    async def _read(self) -> None:
        async for change in self.subscription:
            self.changes.append(change)

    @property
    def messages(self) -> list[Message]:
        """Each message told as new, in the order it was told."""
        events = (change for change in self.changes if isinstance(change, Event))
        return [e.message for e in events if e.event == "message.created" and e.message]

    @property
    def contents(self) -> list[str]:
        return [message.content for message in self.messages]

    @property
    def snapshots(self) -> list[Snapshot]:
        return [change for change in self.changes if isinstance(change, Snapshot)]

    async def until(self, condition: Callable[[], bool], *, seconds: float = 8.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)
