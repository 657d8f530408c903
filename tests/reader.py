"""Somebody who listens through the reference client, and keeps all that it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from cgraph_client import Backoff, Client, Event, RealtimeConnection, Session, Snapshot
from tests.person import Person
from tests.system import System

QUICK = Backoff(base=0.1, cap=1.0)


class Reader:
    def __init__(self, client: Client, connection: RealtimeConnection) -> None:
        self.client = client
        self.connection = connection
        self.events: list[Event] = []
        self.snapshots: list[Snapshot] = []
        self.reading = asyncio.create_task(self._read())

    def numbers(self, stream: str) -> list[int]:
        told = (event.seq for event in self.events if event.stream == stream)
        return [seq for seq in told if seq is not None]

    def said(self, stream: str) -> list[str]:
        """What was said, in the order it was told."""
        messages = [event.message for event in self.events if event.stream == stream]
        return [message.content for message in messages if message is not None]

    async def _read(self) -> None:
        async for change in self.connection:
            if isinstance(change, Event):
                self.events.append(change)
            elif isinstance(change, Snapshot):
                self.snapshots.append(change)


@asynccontextmanager
async def reading(
    system: System, person: Person, *, focus: str = "", heartbeat: float | None = None
) -> AsyncIterator[Reader]:
    """From now on; `focus` is the stream on the screen, if any."""
    async with (
        new_client(system, person) as client,
        listening(client, focus=focus, heartbeat=heartbeat) as reader,
    ):
        yield reader


def new_client(system: System, person: Person) -> Client:
    expires_at = datetime.now(UTC) + timedelta(minutes=50)
    session = Session(person.access_token, person.refresh_token, expires_at)
    return Client(system.url, session=session)


@asynccontextmanager
async def listening(
    client: Client, *, focus: str = "", heartbeat: float | None = None
) -> AsyncIterator[Reader]:
    """One of several sockets that a client may have."""
    async with client.connect(heartbeat=heartbeat, backoff=QUICK) as connection:
        connection.subscribed_streams = [focus] if focus else []
        reader = Reader(client, connection)
        try:
            yield reader
        finally:
            await connection.close()
            await reader.reading
