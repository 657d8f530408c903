"""Gateways with different options and APIs, in front of one Lambda host."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvloop

from cgraph_local.gateway import Gateway, GatewayOptions, GatewayServer
from cgraph_local.host import LambdaHost
from cgraph_local.template import Function, HttpApi, SocketApi, Stack
from tests.unit.local.gateway.running_gateway import (
    CREDENTIALS,
    HTTP_API,
    SOCKET_API,
    CollectedLog,
    RunningGateway,
    StartGateway,
    new_functions,
)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loop of the local cloud, which has transports of its own."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def functions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Function]:
    return new_functions(tmp_path_factory.mktemp("functions"))


@pytest_asyncio.fixture(scope="session")
async def host(
    functions: dict[str, Function], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LambdaHost]:
    log = CollectedLog(tmp_path_factory.mktemp("logs"))
    host = LambdaHost(functions, log=log, preloaded=())
    await host.start()
    yield host
    await host.stop()


@asynccontextmanager
async def serve(
    host: LambdaHost,
    functions: dict[str, Function],
    *,
    documents: Path,
    http_api: HttpApi | None = HTTP_API,
    socket_api: SocketApi | None = SOCKET_API,
    **options: Any,
) -> AsyncIterator[RunningGateway]:
    stack = Stack(functions, http_api=http_api, socket_api=socket_api)
    app = Gateway(
        stack,
        host=host,
        options=GatewayOptions(documents=documents, **options),
        credentials=CREDENTIALS,
    )
    server = GatewayServer(app, port=0)
    port = await server.start()
    url = f"http://127.0.0.1:{port}"
    headers = CREDENTIALS.admin_headers
    async with (
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
        httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as admin,
    ):
        recorded_events = functions["Echo"].code / "records"
        yield RunningGateway(app, server, port, client, admin, recorded_events, documents)
    await server.stop()


@pytest_asyncio.fixture(scope="session")
async def gateway(
    host: LambdaHost, functions: dict[str, Function], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningGateway]:
    """A shared gateway, for tests that do not change its state."""
    async with serve(host, functions, documents=tmp_path_factory.mktemp("documents")) as gateway:
        yield gateway


@pytest_asyncio.fixture
async def start_gateway(
    host: LambdaHost, functions: dict[str, Function], tmp_path: Path
) -> AsyncIterator[StartGateway]:
    """Starts a gateway with options or APIs of its own."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> RunningGateway:
            return await stack.enter_async_context(
                serve(host, functions, documents=tmp_path, **settings)
            )

        yield start


@pytest_asyncio.fixture
async def own_gateway(start_gateway: StartGateway) -> RunningGateway:
    """A gateway of the test's own, for tests that change its state."""
    return await start_gateway()
