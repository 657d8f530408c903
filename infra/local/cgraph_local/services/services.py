"""Postgres, Valkey and the emulator, started together and kept running."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cgraph_local.core.home import Home
from cgraph_local.core.process_identity import Trace
from cgraph_local.core.progress import Progress
from cgraph_local.services import orphans
from cgraph_local.services.emulator import Emulator
from cgraph_local.services.endpoints import Endpoints
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.outage import hold_file
from cgraph_local.services.postgres import Postgres
from cgraph_local.services.supervisor import Service, Supervisor
from cgraph_local.services.valkey import Valkey

KINDS: Mapping[str, Callable[[Home], Service]] = {
    "postgres": Postgres,
    "valkey": Valkey,
    "emulator": Emulator,
}


class Services:
    """The home's lock must be held by the caller. `only` names the ones wanted."""

    def __init__(self, home: Home, *, only: Iterable[str] = tuple(KINDS)) -> None:
        self._home = home
        self._names = tuple(only)
        self._running: dict[str, Supervisor] = {}

    async def start(self, progress: Progress) -> Endpoints:
        """All at once; if one cannot start, the others are stopped and its failure is raised."""
        await asyncio.to_thread(end_leftovers, self._home, progress)
        for name in self._names:
            hold_file(self._home, name).unlink(missing_ok=True)
            self._running[name] = Supervisor(
                KINDS[name](self._home),
                progress=progress,
                hold=hold_file(self._home, name),
                changed=self._record,
            )
        starts = (supervisor.start() for supervisor in self._running.values())
        outcomes = await asyncio.gather(*starts, return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            await self.stop()
            raise failures[0]
        return self.endpoints()

    async def stop(self) -> None:
        supervisors = self._running.values()
        ends = (supervisor.stop() for supervisor in supervisors)
        outcomes = await asyncio.gather(*ends, return_exceptions=True)
        self._running = {}
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def start_one(self, name: str) -> None:
        await self._running[name].start()

    async def stop_one(self, name: str) -> None:
        await self._running[name].stop()

    async def restart(self, name: str) -> None:
        """On the same port."""
        await self.stop_one(name)
        await self.start_one(name)

    async def wait_failed(self) -> ServiceFailed:
        """Returns when one is beyond restarting."""
        failures = [supervisor.failed for supervisor in self._running.values()]
        done, _ = await asyncio.wait(failures, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()

    def endpoints(self) -> Endpoints:
        return Endpoints(
            postgres_port=self._port("postgres"),
            valkey_port=self._port("valkey"),
            emulator_port=self._port("emulator"),
        )

    def pid(self, name: str) -> int | None:
        process = self._running[name].process
        return process.pid if process else None

    def _port(self, name: str) -> int:
        return self._running[name].service.port if name in self._running else 0

    def _record(self) -> None:
        self._home.write_run({"services": {name: self._entry(name) for name in self._running}})

    def _entry(self, name: str) -> dict[str, Any]:
        """`pid` is null while the service is down."""
        supervisor = self._running[name]
        trace = supervisor.process.trace if supervisor.process else None
        return {
            "port": supervisor.service.port,
            "ready": supervisor.ready,
            "pid": trace.pid if trace else None,
            "started": trace.started if trace else None,
        }


def end_leftovers(home: Home, progress: Progress) -> None:
    """Ends services that an earlier run of this home, killed, could not end."""
    for name, entry in ((home.read_run() or {}).get("services") or {}).items():
        trace = Trace.read(entry)
        signals = [number for number, _ in KINDS[name](home).stop_signals] if name in KINDS else []
        if trace is not None and orphans.end(trace, signals=signals):
            progress.say(f"ended {name} (process {trace.pid}), left by a run that was killed")
