"""Starts Postgres, Valkey and the emulator together, OpenSearch and a replica of Postgres if there
are to be such, and keeps them running.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.endpoints import Endpoints, opensearch_url
from cgraph_local.core.home import Home
from cgraph_local.core.process_identity import ProcessIdentity
from cgraph_local.core.progress import Progress
from cgraph_local.services.emulator import Emulator
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.opensearch import OpenSearch
from cgraph_local.services.orphans import terminate_orphan
from cgraph_local.services.outage import hold_file
from cgraph_local.services.postgres import Postgres
from cgraph_local.services.replica import PRIMARY_SETTINGS, Replica
from cgraph_local.services.supervisor import Service, Supervisor
from cgraph_local.services.valkey import Valkey

SERVICE_TYPES: Mapping[str, Callable[[Home], Service]] = {
    "postgres": Postgres,
    "valkey": Valkey,
    "emulator": Emulator,
    "replica": Replica,
    "opensearch": OpenSearch,
}
USUAL = ("postgres", "valkey", "emulator")


class Services:
    """The caller must hold the lock of the home. `only`: the names of the services to run.
    `other_opensearch`: the URL of one that runs anyway.
    """

    def __init__(
        self, home: Home, *, only: Iterable[str] = USUAL, other_opensearch: str = ""
    ) -> None:
        self._home = home
        self._names = tuple(only)
        self._other_opensearch = other_opensearch
        self._running: dict[str, Supervisor] = {}

    async def start(self, progress: Progress) -> Endpoints:
        """Starts all concurrently, and then the replica. When one cannot start, stops the others
        and raises its ServiceFailed.
        """
        await asyncio.to_thread(terminate_orphans, self._home, progress)
        await self._start_all([name for name in self._names if name != "replica"], progress)
        if "replica" in self._names:
            await self._start_all(["replica"], progress)
        return self.endpoints()

    async def _start_all(self, names: Sequence[str], progress: Progress) -> None:
        for name in names:
            hold_file(self._home, name).unlink(missing_ok=True)
            self._running[name] = Supervisor(
                self._new_service(name),
                progress=progress,
                hold_file=hold_file(self._home, name),
                on_change=self._write_state,
            )
        starts = (self._running[name].start() for name in names)
        outcomes = await asyncio.gather(*starts, return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            await self.stop()
            raise failures[0]

    def _new_service(self, name: str) -> Service:
        if name == "postgres" and "replica" in self._names:
            return Postgres(self._home, more_settings=PRIMARY_SETTINGS)
        return SERVICE_TYPES[name](self._home)

    async def stop(self) -> None:
        supervisors = self._running.values()
        stops = (supervisor.stop() for supervisor in supervisors)
        outcomes = await asyncio.gather(*stops, return_exceptions=True)
        self._running = {}
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def start_service(self, name: str) -> None:
        await self._running[name].start()

    async def stop_service(self, name: str) -> None:
        await self._running[name].stop()

    async def restart_service(self, name: str) -> None:
        """Keeps the port."""
        await self.stop_service(name)
        await self.start_service(name)

    async def wait_failed(self) -> ServiceFailed:
        """Returns the error of a service that has failed for good."""
        failures = [supervisor.failed for supervisor in self._running.values()]
        done, _ = await asyncio.wait(failures, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()

    def endpoints(self) -> Endpoints:
        return Endpoints(
            credentials=Credentials.of(self._home),
            postgres_port=self._port("postgres"),
            valkey_port=self._port("valkey"),
            emulator_port=self._port("emulator"),
            replica_port=self._port("replica"),
            opensearch_url=opensearch_url(self._port("opensearch"), other=self._other_opensearch),
        )

    def pid(self, name: str) -> int | None:
        process = self._running[name].process
        return process.pid if process else None

    def _port(self, name: str) -> int:
        return self._running[name].service.port if name in self._running else 0

    def _write_state(self) -> None:
        services = {name: self._entry(name) for name in self._running}
        self._home.write_run({"services": services, "opensearch_url": self._other_opensearch})

    def _entry(self, name: str) -> dict[str, Any]:
        """The entry in run.json. `pid` is null while the service is down."""
        supervisor = self._running[name]
        identity = supervisor.process.identity if supervisor.process else None
        return {
            "port": supervisor.service.port,
            "ready": supervisor.ready,
            "pid": identity.pid if identity else None,
            "started": identity.started if identity else None,
        }


def terminate_orphans(home: Home, progress: Progress) -> None:
    """Ends the services of an earlier run on this home that was killed."""
    for name, entry in ((home.read_run() or {}).get("services") or {}).items():
        identity = ProcessIdentity.read(entry)
        if identity is not None and terminate_orphan(identity, signals=_stop_signals(name, home)):
            progress.print(f"ended {name} (process {identity.pid}), left by a run that was killed")


def _stop_signals(name: str, home: Home) -> list[signal.Signals]:
    if name not in SERVICE_TYPES:
        return []
    return [number for number, _ in SERVICE_TYPES[name](home).stop_signals]
