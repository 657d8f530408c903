"""Postgres, Valkey and SQS for real, and real handlers in processes of their own."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pkgutil
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.forkserver import ensure_running
from unittest.mock import patch

import psycopg
import pytest
import redis

import cgraph
from cgraph.core.migrations import migrate
from cgraph.core.settings import settings
from cgraph_local.core.function_logs import FunctionLogs
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.core.progress import Progress
from cgraph_local.gateway import Gateway, GatewayOptions, GatewayServer, MediaKeys
from cgraph_local.host import LambdaHost
from cgraph_local.host.preload import PRELOADED_MODULES
from cgraph_local.services import Endpoints, Services
from cgraph_local.template import SocketApi, Stack
from tests.feature.environment import prepare
from tests.feature.queue import Queues
from tests.feature.world import Person, World
from tests.search_engines import (
    FAKE,
    REAL,
    delete_indexes,
    fake_program,
    has_real_opensearch,
    new_prefix,
)

MIGRATIONS = CHECKOUT / "infra" / "migrations"
SCHEMA = CHECKOUT / "infra" / "schema"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`--full` asks both OpenSearches. Otherwise the cases that are the same for all engines ask
    the fake, which is quicker, and all other tests the real one, where there is one.
    """
    if config.getoption("--full"):
        return
    has_real, has_fake = has_real_opensearch(), fake_program() is not None

    def is_chosen(item: pytest.Item) -> bool:
        asks_fake = has_fake and ("target" in _fixtures(item) or not has_real)
        return (REAL if asks_fake else FAKE) not in _parameters(item)

    items[:] = filter(is_chosen, items)


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return tuple(getattr(item, "fixturenames", ()))


def _parameters(item: pytest.Item) -> Iterable[object]:
    callspec = getattr(item, "callspec", None)
    return () if callspec is None else callspec.params.values()


@pytest.fixture(scope="session")
async def services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    home = Home(tmp_path_factory.mktemp("feature"))
    services = Services(home)
    with home.lock():
        endpoints = await services.start(Progress(stream=None))
        try:
            await asyncio.to_thread(
                migrate, endpoints.conninfo, migrations=MIGRATIONS, schema=SCHEMA
            )
            await asyncio.to_thread(do_not_wait_for_the_disk, endpoints)
            yield services
        finally:
            await services.stop()


def do_not_wait_for_the_disk(endpoints: Endpoints) -> None:
    """No feature test ends Postgres without letting it write."""
    with psycopg.connect(endpoints.admin_conninfo, autocommit=True) as connection:
        connection.execute("ALTER DATABASE cgraph SET synchronous_commit = off")


@pytest.fixture(scope="session")
async def gateway(
    services: Services, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """The address of one where sockets open and nobody answers them, for what is posted to
    `@connections`.
    """
    folder = tmp_path_factory.mktemp("gateway")
    logs = FunctionLogs(folder, console=None)
    host = LambdaHost({}, log=logs, preloaded=())
    api = SocketApi("api", "test", "$request.body.action", (), None, None)
    stack = Stack({}, socket_api=api)
    gateway = Gateway(
        stack,
        host=host,
        options=GatewayOptions(documents=folder),
        credentials=services.endpoints().credentials,
    )
    server = GatewayServer(gateway, port=0)
    yield f"http://127.0.0.1:{await server.start()}"
    await server.stop()
    logs.close()


@pytest.fixture(scope="session")
def media_keys(tmp_path_factory: pytest.TempPathFactory) -> MediaKeys:
    """What the functions sign URLs with."""
    return MediaKeys.of(Home(tmp_path_factory.mktemp("media")))


@pytest.fixture(scope="session")
async def world(services: Services, gateway: str, media_keys: MediaKeys) -> AsyncIterator[World]:
    endpoints = services.endpoints()
    variables = environment(endpoints, gateway=gateway, keys=media_keys)
    queues = Queues(
        endpoints,
        push=variables["PUSH_QUEUE_URL"],
        flushes=variables["FLUSH_QUEUE_URL"],
        sockets=variables["SOCKET_QUEUE_URL"],
        log=variables["LOG_QUEUE_URL"],
        media=variables["MEDIA_QUEUE_URL"],
        consumers=variables["CONSUMER_QUEUE_URLS"],
    )
    with (
        processes(1, variables) as alone,
        processes(4, variables) as several,
        redis.Redis(
            port=endpoints.valkey_port,
            password=endpoints.credentials.password,
            decode_responses=True,
        ) as valkey,
    ):
        await asyncio.wrap_future(alone.submit(settings))  # raises with the name of what is missing
        world = World(endpoints, services, alone, several, queues, valkey, gateway)
        yield world
        await world.close()
    queues.close()


@pytest.fixture(params=["postgres", "opensearch", "fake"])
def search_engine(request: pytest.FixtureRequest, world: World) -> Iterator[str]:
    """The name of what functions search with; no OpenSearch has an index yet."""
    if request.param == "postgres":
        yield request.param
        return
    fixture = "real_opensearch" if request.param == "opensearch" else "fake_opensearch"
    url, prefix = request.getfixturevalue(fixture), new_prefix()
    usual, world.opensearch = world.opensearch, (url, prefix)
    yield request.param
    world.opensearch = usual
    delete_indexes(url, prefix)


@pytest.fixture(scope="module")
async def few_documents(world: World) -> None:
    """Without what other modules have written: for a test in which all documents are read."""
    await world.sql(
        """
        DO $$ BEGIN
            SET LOCAL session_replication_role = replica; -- the audit log refuses it
            TRUNCATE users, conversations, messages, forums, events CASCADE;
            TRUNCATE search_documents, changed_scores;
        END $$
        """
    )


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.new_person("ada")


@pytest.fixture
async def grace(world: World) -> Person:
    return await world.new_person("grace")


@pytest.fixture
async def eve(world: World) -> Person:
    """Who has no business in what the others do."""
    return await world.new_person("eve")


@contextmanager
def processes(number: int, variables: Mapping[str, str]) -> Iterator[ProcessPoolExecutor]:
    """Forked from one that has imported the code of the layers."""
    context = multiprocessing.get_context("forkserver")
    modules = pkgutil.walk_packages(cgraph.__path__, "cgraph.")
    context.set_forkserver_preload([*PRELOADED_MODULES, *(module.name for module in modules)])
    with patch.dict(os.environ, variables):
        ensure_running()  # the logger reads its level when it is imported
    with ProcessPoolExecutor(
        number,
        mp_context=context,
        initializer=prepare,
        initargs=(variables,),
    ) as pool:
        yield pool


def environment(
    endpoints: Endpoints, *, gateway: str, keys: MediaKeys | None = None
) -> dict[str, str]:
    """What the template gives each function. Without `keys` it serves no media."""
    queues = f"{endpoints.emulator_url}/000000000000"
    return {
        "STAGE": "test",
        "DATABASE_HOST": "127.0.0.1",
        "DATABASE_PORT": str(endpoints.postgres_port),
        "DATABASE_READER_HOST": "127.0.0.1",
        "DATABASE_READER_PORT": str(endpoints.reader_port),
        "DATABASE_NAME": endpoints.database,
        "DATABASE_USER": endpoints.database_user,
        "DATABASE_OWNER": endpoints.database_user,
        "DATABASE_OPERATOR": endpoints.database_user,
        "DATABASE_AUTH": "none",
        "CACHE_HOST": "127.0.0.1",
        "CACHE_PORT": str(endpoints.valkey_port),
        "CACHE_NAME": "cgraph",
        "CACHE_USER": "cgraph",
        "CACHE_AUTH": "none",
        "OPENSEARCH_URL": endpoints.opensearch_url,
        "OPENSEARCH_AUTH": "none",
        "OPENSEARCH_PREFIX": "cgraph",
        "MEDIA_URL": "https://media.example" if keys else "",
        "MEDIA_KEY_ID": keys.key_id if keys else "",
        "MEDIA_SIGNING_KEY": str(keys.file) if keys else "",
        "MEDIA_WINDOW_SECONDS": "120",
        "SOCKET_URL": f"{gateway.replace('http', 'ws', 1)}/ws",
        "PUSH_QUEUE_URL": f"{queues}/push",
        "FLUSH_QUEUE_URL": f"{queues}/flushes",
        "SOCKET_QUEUE_URL": f"{queues}/sockets",
        "LOG_QUEUE_URL": f"{queues}/log",
        "LINK_PREVIEWS": "on",
        "PREVIEWS_QUEUE_URL": f"{queues}/previews.fifo",
        "PREVIEW_FETCH_QUEUE_URL": f"{queues}/preview-fetches",
        "DELIVERY_QUEUE_URL": f"{queues}/deliveries",
        "WEB_PUSH_QUEUE_URL": f"{queues}/web-pushes",
        "PUSH_CONTACT": "mailto:operator@example.org",
        "PHONE_PUSH_QUEUE_URL": f"{queues}/phone-pushes",
        "APNS_SECRET": "",
        "FCM_SECRET": "",
        "PASSKEY_DOMAIN": "example.org",
        "PASSKEY_ORIGINS": "https://example.org,https://chat.example.org",
        "MAIL_QUEUE_URL": f"{queues}/mails",
        "MAIL_FROM": "CGraph <no-reply@example.org>",
        "MAIL_CONFIGURATION_SET": "",
        "API_URL": "https://api.example.org/v1",
        "UNVERIFIED_MAY": "all",
        "REGISTRATION": "open",
        "MEDIA_QUEUE_URL": f"{queues}/media",
        "MEDIA_BUCKET": "cgraph-media",
        "MEDIA_SCANNER": "none",
        "CONSUMER_QUEUE_URLS": f"search={queues}/search.fifo opensearch={queues}/opensearch.fifo"
        f" notifications={queues}/notifications.fifo previews={queues}/previews.fifo",
        "SOCKET_LIFE_SECONDS": "7200",
        "HEARTBEAT_SECONDS": "30",
        "POWERTOOLS_SERVICE_NAME": "cgraph",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        **endpoints.credentials.environment,
        "AWS_ENDPOINT_URL": endpoints.emulator_url,
        "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": f"{gateway}/ws",
    }
