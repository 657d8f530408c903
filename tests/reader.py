"""A user who follows through the reference client, and keeps everything that it yields."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

from cgraph_client import Backoff, Client, Event, RealtimeConnection, Session, Snapshot
from tests.person import Person
from tests.system import System

QUICK = Backoff(base=0.1, cap=1.0)
OPENED_AT_ONCE = 24


class Reader:
    def __init__(self, client: Client, connection: RealtimeConnection) -> None:
        self.client = client
        self.connection = connection
        self.events: list[Event] = []
        self.snapshots: list[Snapshot] = []
        self.reading = asyncio.create_task(self._read())

    def numbers(self, stream: str) -> list[int]:
        """Those of the stream's events, in the order they came."""
        numbers = (event.seq for event in self.events if event.stream == stream)
        return [seq for seq in numbers if seq is not None]

    def contents(self, stream: str) -> list[str]:
        """Those of the messages, in the order their events came."""
        messages = [event.message for event in self.events if event.stream == stream]
        return [message.content for message in messages if message is not None]

    async def _read(self) -> None:
        async for change in self.connection:
            if isinstance(change, Event):
                self.events.append(change)
            elif isinstance(change, Snapshot):
                self.snapshots.append(change)


def new_client(system: System, person: Person) -> Client:
    expires_at = datetime.now(UTC) + timedelta(minutes=50)
    session = Session(person.access_token, person.refresh_token, expires_at)
    return Client(system.url, session=session)


@asynccontextmanager
async def open_reader(
    system: System, person: Person, *, subscribe_to: str = "", heartbeat: float | None = None
) -> AsyncIterator[Reader]:
    """With a client of its own. `subscribe_to`: a stream."""
    async with (
        new_client(system, person) as client,
        connect_reader(client, subscribe_to=subscribe_to, heartbeat=heartbeat) as reader,
    ):
        yield reader


@asynccontextmanager
async def connect_reader(
    client: Client, *, subscribe_to: str = "", heartbeat: float | None = None
) -> AsyncIterator[Reader]:
    """With one of several sockets that a client may have."""
    async with client.connect(heartbeat=heartbeat, backoff=QUICK) as connection:
        connection.subscribed_streams = [subscribe_to] if subscribe_to else []
        reader = Reader(client, connection)
        try:
            yield reader
        finally:
            await connection.close()
            await reader.reading


@asynccontextmanager
async def open_readers(
    system: System, people: Sequence[Person], *, number: int, heartbeat: float
) -> AsyncIterator[list[Reader]]:
    """`number` of them in all, with a client for each person."""
    gate = asyncio.Semaphore(OPENED_AT_ONCE)

    async def open_one(client: Client) -> Reader:
        async with gate:
            return await stack.enter_async_context(connect_reader(client, heartbeat=heartbeat))

    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(new_client(system, person)) for person in people]
        chosen = islice(cycle(clients), number)
        yield list(await asyncio.gather(*map(open_one, chosen)))


async def wait_for_events(
    readers: Sequence[Reader], stream: str, *, number: int, seconds: float
) -> None:
    """Until each has as many events of the stream. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while any(len(reader.numbers(stream)) < number for reader in readers):
            await asyncio.sleep(0.05)
