from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cgraph_client import Backoff, Client
from tests.unit.client.small_server import SmallServer

QUICK = Backoff(base=0.02, cap=0.1)


@pytest.fixture
async def server() -> AsyncIterator[SmallServer]:
    server = SmallServer()
    await server.start()
    yield server
    await server.stop()


async def _new_client(server: SmallServer, name: str) -> AsyncIterator[Client]:
    async with Client(server.url) as client:
        await client.register(name, email=f"{name}@example.org", password="correct horse")
        yield client


@pytest.fixture
async def ada(server: SmallServer) -> AsyncIterator[Client]:
    async for client in _new_client(server, "ada"):
        yield client


@pytest.fixture
async def grace(server: SmallServer) -> AsyncIterator[Client]:
    async for client in _new_client(server, "grace"):
        yield client
