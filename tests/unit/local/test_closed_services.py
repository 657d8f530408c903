"""The services of a local cloud answer nobody but the user of its home."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import psutil
import psycopg
import pytest
import pytest_asyncio
import redis
from botocore.exceptions import ClientError
from redis.backoff import NoBackoff
from redis.retry import Retry

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.services import Endpoints, Services
from tests.aws import aws_client
from tests.prepared_home import copy_home_of_services


@pytest_asyncio.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return await copy_home_of_services(tmp_path_factory.mktemp("home") / "own")


@pytest_asyncio.fixture(scope="module")
async def services(home: Home) -> AsyncIterator[Services]:
    services = Services(home)
    with home.lock():
        await services.start(Progress(stream=None))
        yield services
        await services.stop()


@pytest.fixture
def endpoints(services: Services) -> Endpoints:
    return services.endpoints()


@pytest.mark.parametrize("user", ["postgres", "cgraph"])
@pytest.mark.parametrize("password", ["", "cgraph", "postgres"])
def test_postgres_refuses_a_wrong_password(endpoints: Endpoints, user: str, password: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host="127.0.0.1",
            port=endpoints.postgres_port,
            user=user,
            password=password or None,
            dbname="cgraph",
            passfile="/dev/null",
        )


def test_valkey_refuses_commands_without_its_password(endpoints: Endpoints) -> None:
    for password in (None, "cgraph"):
        once = Retry(NoBackoff(), 0)
        stranger = redis.Redis(port=endpoints.valkey_port, password=password, retry=once)
        with stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


@pytest.mark.parametrize("service", ["sqs", "s3"])
def test_the_emulator_refuses_another_access_key(endpoints: Endpoints, service: str) -> None:
    call = {"sqs": "list_queues", "s3": "list_buckets"}[service]
    own = endpoints.credentials
    getattr(aws_client(service, url=endpoints.emulator_url, credentials=own), call)()
    for key in ("local", "test", own.access_key_id[:-1], own.secret_access_key):
        stranger = replace(own, access_key_id=key)
        client = aws_client(service, url=endpoints.emulator_url, credentials=stranger)
        with pytest.raises(ClientError) as refused:
            getattr(client, call)()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("path", ["/", "/media/a.png", "/_ministack/reset", "/_ministack/ses"])
async def test_the_emulator_refuses_requests_without_an_access_key(
    endpoints: Endpoints, path: str
) -> None:
    async with aiohttp.ClientSession(endpoints.emulator_url) as session:
        for method in ("GET", "POST", "PUT", "OPTIONS"):
            async with session.request(method, path) as response:
                assert response.status == 403, method


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}]
)
async def test_the_emulator_refuses_web_pages_even_with_its_access_key(
    endpoints: Endpoints, headers: dict[str, str]
) -> None:
    own = endpoints.credentials.emulator_headers("s3")
    async with aiohttp.ClientSession(endpoints.emulator_url, headers=own) as session:
        async with session.get("/") as response:
            assert response.status == 200
        async with session.get("/", headers=headers) as response:
            assert response.status == 403


def test_the_emulator_runs_only_what_the_template_uses(endpoints: Endpoints) -> None:
    own = endpoints.credentials
    client = aws_client("secretsmanager", url=endpoints.emulator_url, credentials=own)
    with pytest.raises(ClientError):
        client.list_secrets()


def test_only_the_owner_can_read_what_the_credentials_are_in(
    home: Home, services: Services
) -> None:
    closed = (home.path / "secret", home.path / "pgpass", home.path / "valkey" / "valkey.conf")
    for file in closed:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_no_process_shows_a_password_in_its_arguments(home: Home, services: Services) -> None:
    own = Credentials.of(home)
    secrets = {own.password, own.admin_token, own.secret_access_key}
    for name in ("postgres", "valkey", "emulator"):
        arguments = " ".join(psutil.Process(services.pid(name)).cmdline())
        assert not any(secret in arguments for secret in secrets), name


def test_each_home_has_credentials_of_its_own(
    home: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Credentials.of(Home(tmp_path_factory.mktemp("other")))
    own = Credentials.of(home)
    assert own == Credentials.of(home)
    assert not {*own.environment.values()} & {*other.environment.values()}
