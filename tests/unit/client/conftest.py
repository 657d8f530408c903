from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cgraph_client import Backoff, Client
from cgraph_client.realtime import connection_manager
from tests.unit.client.fake_server.server import FakeServer

QUICK = Backoff(base=0.02, cap=0.1)


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    server = FakeServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def stable_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket ends so early that it counts as a failed attempt."""
    monkeypatch.setattr(connection_manager, "STABLE_SECONDS", 0.0)


async def _new_client(server: FakeServer, name: str) -> AsyncIterator[Client]:
    async with Client(server.url) as client:
        await client.register(name, email=f"{name}@example.org", password="correct horse")
        yield client


@pytest.fixture
async def ada(server: FakeServer) -> AsyncIterator[Client]:
    async for client in _new_client(server, "ada"):
        yield client


@pytest.fixture
async def grace(server: FakeServer) -> AsyncIterator[Client]:
    async for client in _new_client(server, "grace"):
        yield client
