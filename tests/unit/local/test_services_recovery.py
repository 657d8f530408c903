"""What the embedded services survive: kills, outages, and the death of what runs them."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from cgraph_local.core.home import Home
from cgraph_local.core.process_identity import ProcessIdentity
from cgraph_local.core.progress import Progress
from cgraph_local.services import Endpoints, Services
from cgraph_local.services.outage import kill, outage, pid
from cgraph_local.services.services import terminate_orphans

SILENT = Progress(stream=None)
HOLDER = """
import asyncio, sys
from pathlib import Path
from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.services import Services

async def main():
    home = Home(Path(sys.argv[1]))
    with home.lock():
        await Services(home, only=["postgres", "emulator"]).start(Progress(stream=None))
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
async def services(home: Home) -> AsyncIterator[Services]:
    services = Services(home)
    with home.lock():
        await services.start(SILENT)
        yield services
        await services.stop()


@pytest.fixture
def endpoints(services: Services) -> Endpoints:
    return services.endpoints()


def query(endpoints: Endpoints, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(endpoints.conninfo, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


def keys(endpoints: Endpoints) -> int:
    with redis.Redis(port=endpoints.valkey_port) as client:
        return int(client.dbsize())


async def eventually(holds: Callable[[], bool], *, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


async def killed_and_back(home: Home, name: str) -> None:
    killed = pid(home, name)
    kill(home, name)

    def is_back() -> bool:
        entry = (home.read_run() or {})["services"][name]
        return bool(entry["ready"]) and entry["pid"] != killed

    await eventually(is_back)


async def test_a_killed_postgres_is_back_on_its_port_with_every_commit(
    services: Services, home: Home, endpoints: Endpoints
) -> None:
    query(endpoints, "CREATE TABLE committed (n int)")
    for n in range(3):
        query(endpoints, f"INSERT INTO committed VALUES ({n})")
        await killed_and_back(home, "postgres")
    assert query(endpoints, "SELECT count(*) FROM committed") == [(3,)]


async def test_a_killed_valkey_comes_back_empty_not_with_old_sessions(
    services: Services, home: Home, endpoints: Endpoints
) -> None:
    with redis.Redis(port=endpoints.valkey_port) as client:
        client.set("session", "revoked since")
    await services.restart_service("valkey")
    assert keys(endpoints) == 1
    await killed_and_back(home, "valkey")
    assert keys(endpoints) == 0


async def test_an_outage_lasts_as_long_as_it_is_held(
    services: Services, home: Home, endpoints: Endpoints
) -> None:
    def hold_file() -> None:
        with outage(home, "postgres"), pytest.raises(psycopg.OperationalError):
            query(endpoints, "SELECT 1")

    await asyncio.to_thread(hold_file)
    assert query(endpoints, "SELECT 1") == [(1,)]


@pytest.fixture
def killed_run(tmp_path: Path) -> dict[str, ProcessIdentity]:
    """The traces of the services of a run that was killed with SIGKILL while they ran."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        home = Home(tmp_path)
        assert home.running() is not None
        entries = (home.read_run() or {})["services"]
        os.kill(holder.pid, signal.SIGKILL)
    assert home.running() is None
    traces = {name: ProcessIdentity.read(entry) for name, entry in entries.items()}
    return {name: identity for name, identity in traces.items() if identity is not None}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start ends them")
async def test_no_service_outlives_a_killed_run(killed_run: dict[str, ProcessIdentity]) -> None:
    assert set(killed_run) == {"postgres", "emulator"}
    await eventually(lambda: all(identity.find() is None for identity in killed_run.values()))


async def test_the_start_after_a_killed_run_repairs(
    killed_run: dict[str, ProcessIdentity], tmp_path: Path
) -> None:
    home = Home(tmp_path)
    with home.lock():
        services = Services(home, only=["postgres"])
        endpoints = await services.start(SILENT)
        assert query(endpoints, "SELECT 1") == [(1,)]
        assert all(identity.find() is None for identity in killed_run.values())
        await services.stop()
    assert home.read_run() is None


@pytest.fixture
def sleepers() -> Iterator[list[ProcessIdentity]]:
    """Two processes that do nothing, as traces."""
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    processes = [subprocess.Popen(command) for _ in range(2)]
    yield [ProcessIdentity.of(process.pid) for process in processes]
    for process in processes:
        process.kill()
        process.wait()


def test_leftovers_are_ended_and_strangers_are_not(
    tmp_path: Path, sleepers: list[ProcessIdentity]
) -> None:
    home = Home(tmp_path)
    ours, stranger = sleepers
    entries = {
        "valkey": {"pid": ours.pid, "started": ours.started},
        "emulator": {"pid": stranger.pid, "started": stranger.started - 3600},
    }
    home.write_run({"services": entries})
    terminate_orphans(home, SILENT)
    assert ours.find() is None
    assert stranger.find() is not None
