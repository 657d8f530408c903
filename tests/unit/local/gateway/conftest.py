"""Gateways that differ in their options and APIs, before one real Lambda host."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvloop

from cgraph_local.gateway import GatewayOptions, GatewayServer, new_gateway
from cgraph_local.host import LambdaHost
from cgraph_local.template import Function, HttpApi, SocketApi, Stack
from tests.unit.local.gateway.world import (
    HTTP_API,
    SOCKET_API,
    Log,
    NewWorld,
    World,
    new_functions,
)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop the local cloud runs on, whose transports are not asyncio's own."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def functions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Function]:
    return new_functions(tmp_path_factory.mktemp("functions"))


@pytest_asyncio.fixture(scope="session")
async def host(
    functions: dict[str, Function], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LambdaHost]:
    host = LambdaHost(functions, log=Log(tmp_path_factory.mktemp("logs")))
    await host.start()
    yield host
    await host.stop()


@asynccontextmanager
async def served(
    host: LambdaHost,
    functions: dict[str, Function],
    *,
    documents: Path,
    http_api: HttpApi | None = HTTP_API,
    socket_api: SocketApi | None = SOCKET_API,
    **options: Any,
) -> AsyncIterator[World]:
    stack = Stack(functions, http_api=http_api, socket_api=socket_api)
    gateway = new_gateway(stack, host, GatewayOptions(documents=documents, **options))
    server = GatewayServer(gateway, port=0)
    port = await server.start()
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        yield World(gateway, server, port, client, functions["Echo"].code / "records", documents)
    await server.stop()


@pytest_asyncio.fixture(scope="session")
async def world(
    host: LambdaHost, functions: dict[str, Function], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """The gateway of those tests that leave it as it was."""
    async with served(host, functions, documents=tmp_path_factory.mktemp("documents")) as world:
        yield world


@pytest_asyncio.fixture
async def new_world(
    host: LambdaHost, functions: dict[str, Function], tmp_path: Path
) -> AsyncIterator[NewWorld]:
    async with AsyncExitStack() as stack:

        async def new(**settings: Any) -> World:
            return await stack.enter_async_context(
                served(host, functions, documents=tmp_path, **settings)
            )

        yield new


@pytest_asyncio.fixture
async def own_world(new_world: NewWorld) -> World:
    return await new_world()
