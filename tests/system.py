"""A running CGraph for tests: the local cloud in a process of its own, or a deployed stack."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import psycopg
import redis

from cgraph.events import nudges
from cgraph_local.core.credentials import Credentials
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.core.process_identity import ProcessIdentity
from cgraph_local.services import Endpoints, outage
from cgraph_local.services.ports import free_port
from tests.base_system import System
from tests.command import CGRAPH, Command, command_environment, run_command
from tests.cpu_time import note_start
from tests.lean_transport import LeanTransport

__all__ = ["LocalSystem", "System"]

START_SECONDS = 100.0
STOP_SECONDS = 30.0
READY = "CGraph answers at"
NUDGED = ("search", "notifications")
"""The consumers of the log that each system has."""


class LocalSystem(System):
    """`cgraph run` with a port and a home of its own."""

    def __init__(self, process: subprocess.Popen[bytes], *, home: Home, port: int) -> None:
        super().__init__(f"http://127.0.0.1:{port}")
        self.process = process
        self.home = home
        self.port = port

    @classmethod
    def start(
        cls, folder: Path, *, checkout: Path = CHECKOUT, port: int = 0, **variables: str
    ) -> Self:
        """Returns when it is ready; `variables` are added to its environment."""
        port = port or free_port()
        process = cls.launch(folder, checkout=checkout, port=port, **variables)
        system = cls(process, home=Home(folder), port=port)
        try:
            system.wait_ready()
        except BaseException:
            system.kill()
            raise
        return system

    @staticmethod
    def launch(
        folder: Path, *, checkout: Path = CHECKOUT, port: int = 0, **variables: str
    ) -> subprocess.Popen[bytes]:
        """Does not wait until it is ready. Its output is kept beside its home."""
        note_start()
        environment = command_environment(folder, checkout=checkout, port=port or free_port())
        with _console(folder).open("wb") as console:
            return subprocess.Popen(
                [CGRAPH, "run"],
                cwd=checkout,
                env=environment | variables,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group of its own, as a shell gives
            )

    def new_http_from(self, source: str) -> httpx.AsyncClient:
        """A client whose address is another one of this machine, `127.0.1.7`."""
        transport = LeanTransport("127.0.0.1", self.port, source=source)
        self._clients.append(httpx.AsyncClient(transport=transport, **self._settings))
        return self._clients[-1]

    @property
    def console(self) -> str:
        return _console(self.home.path).read_text()

    def wait_ready(self) -> None:
        """Raises AssertionError with the end of its output."""
        limit = time.monotonic() + START_SECONDS
        while not (READY in self.console and self._is_ready()):
            if self.process.poll() is not None or time.monotonic() > limit:
                tail = self.console[-4000:]
                raise AssertionError(f"cgraph run did not become ready. Its output ends:\n{tail}")
            time.sleep(0.05)

    def stop(self, *, by: signal.Signals = signal.SIGINT) -> None:
        """As Ctrl-C does. Raises AssertionError where it leaves a process behind."""
        running = self.processes()
        self.process.send_signal(by)
        status = self.process.wait(STOP_SECONDS)
        left = [identity.pid for identity in running if identity.find() is not None]
        assert (status, left) == (0, []), f"status {status}, left: {left}\n{self.console[-4000:]}"
        assert not (self.home.path / "run.json").exists()
        with self.home.lock():
            pass

    def kill(self) -> None:
        """All its processes at once, as when the power fails."""
        for identity in self.processes():
            if (process := identity.find()) is not None:
                with suppress(psutil.NoSuchProcess):  # it ends with its parent, killed before it
                    process.kill()
        self.process.wait(STOP_SECONDS)

    def processes(self) -> list[ProcessIdentity]:
        """The one that was started, its descendants, and the services."""
        found = {service["pid"] for service in self._services().values() if service["pid"]}
        if self.process.poll() is None:
            whole = psutil.Process(self.process.pid)
            found |= {whole.pid, *(child.pid for child in whole.children(recursive=True))}
        return [ProcessIdentity.of(pid) for pid in found if psutil.pid_exists(pid)]

    def cgraph(self, *arguments: str, stdin: str = "") -> str:
        """Runs the command, which must succeed; returns its output with its errors."""
        done = run_command(self.home.path, arguments, port=self.port, stdin=stdin)
        assert done.returncode == 0, f"cgraph {' '.join(arguments)}:\n{done.stdout}"
        return done.stdout

    def command(self, *arguments: str) -> Command:
        """A command that keeps running, for `async with`."""
        return Command(*arguments, folder=self.home.path, port=self.port)

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints.of(self.home)

    def kill_service(self, name: str) -> int | None:
        """By SIGKILL; returns the pid it had. The local cloud starts it again."""
        pid = outage.pid(self.home, name)
        outage.kill(self.home, name)
        return pid

    def count(self, sql: str) -> int:
        return int(self.query(sql)[0][0])

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.endpoints.conninfo, autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def count_statements(self) -> int:
        """Those that the functions have sent to Postgres since the start."""
        with psycopg.connect(self.endpoints.admin_conninfo, autocommit=True) as connection:
            (number,) = connection.execute(
                """
                SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements
                WHERE userid = 'cgraph'::regrole
                """
            ).fetchone() or (0,)
        return int(number)

    @contextmanager
    def held_nudges(self, *, caught_up: bool = True) -> Iterator[None]:
        """Meanwhile consumers of the log read it only when the timer nudges them, once a minute:
        for a test that counts the statements of others. Begins when they have `caught_up`."""
        with self.valkey() as valkey:
            ends_at = time.monotonic() + 120
            while not valkey.set(nudges.UNDER_WAY, "held by a test", ex=600, nx=True):
                assert time.monotonic() < ends_at, "a nudge does not end"
                time.sleep(0.05)
            try:
                while caught_up and self._is_behind(NUDGED):
                    assert time.monotonic() < ends_at, "a consumer does not catch up"
                    self.invoke("WatchConsumers", {})  # it nudges them all
                    time.sleep(0.2)
                yield
            finally:
                valkey.delete(nudges.UNDER_WAY)

    @contextmanager
    def valkey(self) -> Iterator[redis.Redis]:
        endpoints = self.endpoints
        with redis.Redis(
            port=endpoints.valkey_port,
            password=endpoints.credentials.password,
            decode_responses=True,
        ) as client:
            yield client

    def invoke(self, function: str, event: object) -> Any:
        """Its result."""
        invocation = self._admin("POST", f"invoke/{function}", event)
        assert invocation["error"] is None, invocation
        return invocation["payload"]

    def consumers(self) -> list[dict[str, Any]]:
        """Of the log, each with how far it is `behind`."""
        return list(self.invoke("ManageConsumers", {"action": "list"})["consumers"])

    def _is_behind(self, names: Collection[str]) -> bool:
        return any(each["behind"] for each in self.consumers() if each["name"] in names)

    def statistics(self) -> dict[str, Any]:
        return dict(self._admin("GET", "statistics"))

    def reset_statistics(self) -> None:
        self._admin("DELETE", "statistics")

    def environments(self, *functions: str) -> dict[int, str]:
        """The function of each execution environment, by pid; of all functions by default."""
        return {
            environment["pid"]: name
            for name, report in self.statistics().items()
            for environment in report["environments"]
            if name in functions or not functions
        }

    def errors(self, *functions: str) -> dict[str, int]:
        """The number of invocations that crashed, raised or timed out since the start."""
        errors = {
            f"{name} {kind}": number
            for name, report in self.statistics().items()
            for kind, number in report["errors"].items()
        }
        return {
            key: number
            for key, number in errors.items()
            if not functions or key.partition(" ")[0] in functions
        }

    def connections(self) -> set[str]:
        """The ids of the sockets that are open at the gateway."""
        return set(self._admin("GET", "connections"))

    @contextmanager
    def faults(self, **settings: Any) -> Iterator[None]:
        self.set_faults(**settings)
        try:
            yield
        finally:
            self._admin("DELETE", "faults")

    def set_faults(self, **settings: Any) -> None:
        self._admin("POST", "faults", {"seed": 1, **settings})

    def fault_counts(self) -> dict[str, int]:
        return dict(self._admin("GET", "faults")["counts"])

    def _admin(self, method: str, path: str, body: object = None) -> Any:
        headers = Credentials.of(self.home).admin_headers
        with httpx.Client(**self._settings, headers=headers) as client:
            response = client.request(method, f"/_local/{path}", json=body)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def _transport(self) -> httpx.AsyncBaseTransport | None:
        return LeanTransport("127.0.0.1", self.port)

    def _services(self) -> dict[str, Any]:
        return dict((self.home.read_run() or {}).get("services") or {})

    def _is_ready(self) -> bool:
        with httpx.Client(**self._settings) as client:
            try:
                return client.get("/health/ready").is_success
            except httpx.TransportError:
                return False


def _console(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.console")
