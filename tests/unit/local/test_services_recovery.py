"""The embedded services after a kill, an outage, and the death of the local cloud."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
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
from tests.prepared_home import copy_home_of_services
from tests.unit.local.postgres import query

SILENT = Progress(stream=None)
RUN_SERVICES = """
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


def key_count(endpoints: Endpoints) -> int:
    with redis.Redis(port=endpoints.valkey_port, password=endpoints.credentials.password) as client:
        return int(client.dbsize())


async def wait_until(condition: Callable[[], bool], *, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        await asyncio.sleep(0.02)


async def kill_and_wait(home: Home, name: str) -> None:
    killed_pid = pid(home, name)
    kill(home, name)

    def is_back() -> bool:
        entry = (home.read_run() or {})["services"][name]
        return bool(entry["ready"]) and entry["pid"] != killed_pid

    await wait_until(is_back)


async def test_a_killed_postgres_restarts_on_its_port_with_every_commit(
    services: Services, home: Home, endpoints: Endpoints
) -> None:
    query(endpoints, "CREATE TABLE committed (n int)")
    for n in range(3):
        query(endpoints, f"INSERT INTO committed VALUES ({n})")
        await kill_and_wait(home, "postgres")
    assert query(endpoints, "SELECT count(*) FROM committed") == [(3,)]


async def test_a_killed_valkey_restarts_empty(
    services: Services, home: Home, endpoints: Endpoints
) -> None:
    with redis.Redis(port=endpoints.valkey_port, password=endpoints.credentials.password) as client:
        client.set("session", "revoked since")
    await services.restart_service("valkey")
    assert key_count(endpoints) == 1
    await kill_and_wait(home, "valkey")
    assert key_count(endpoints) == 0


async def test_a_service_stays_down_during_an_outage(
    services: Services, home: Home, endpoints: Endpoints
) -> None:
    def query_during_outage() -> None:
        with outage(home, "postgres"), pytest.raises(psycopg.OperationalError):
            query(endpoints, "SELECT 1")

    await asyncio.to_thread(query_during_outage)
    assert query(endpoints, "SELECT 1") == [(1,)]


@pytest.fixture
async def home_of_killed(tmp_path: Path) -> Home:
    return await copy_home_of_services(tmp_path / "home")


@pytest.fixture
def killed_run(home_of_killed: Home) -> dict[str, ProcessIdentity]:
    """The services of a local cloud that was killed with SIGKILL."""
    home = home_of_killed
    command = [sys.executable, "-c", RUN_SERVICES, str(home.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        assert home.running() is not None
        entries = (home.read_run() or {})["services"]
        os.kill(run.pid, signal.SIGKILL)
    assert home.running() is None
    identities = {name: ProcessIdentity.read(entry) for name, entry in entries.items()}
    return {name: identity for name, identity in identities.items() if identity is not None}


@pytest.mark.skipif(sys.platform != "linux", reason="on other systems the next start ends them")
async def test_no_service_outlives_a_killed_run(killed_run: dict[str, ProcessIdentity]) -> None:
    assert set(killed_run) == {"postgres", "emulator"}
    await wait_until(lambda: all(identity.find() is None for identity in killed_run.values()))


async def test_services_start_after_a_killed_run(
    killed_run: dict[str, ProcessIdentity], home_of_killed: Home
) -> None:
    home = home_of_killed
    with home.lock():
        services = Services(home, only=["postgres"])
        endpoints = await services.start(SILENT)
        assert query(endpoints, "SELECT 1") == [(1,)]
        assert all(identity.find() is None for identity in killed_run.values())
        await services.stop()
    assert home.read_run() is None


@pytest.fixture
def processes() -> Iterator[list[ProcessIdentity]]:
    """Two processes that do nothing, as traces."""
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    processes = [subprocess.Popen(command) for _ in range(2)]
    yield [ProcessIdentity.of(process.pid) for process in processes]
    for process in processes:
        process.kill()
        process.wait()


def test_orphans_are_terminated_and_other_processes_are_not(
    tmp_path: Path, processes: list[ProcessIdentity]
) -> None:
    home = Home(tmp_path)
    orphan, other = processes
    entries = {
        "valkey": {"pid": orphan.pid, "started": orphan.started},
        "emulator": {"pid": other.pid, "started": other.started - 3600},
    }
    home.write_run({"services": entries})
    terminate_orphans(home, SILENT)
    assert orphan.find() is None
    assert other.find() is not None
