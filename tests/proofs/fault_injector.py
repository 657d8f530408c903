"""Everything that can fail in the local cloud, one fault after another."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import psycopg

from tests.system import LocalSystem

FUNCTIONS = ("SendMessage", "Send", "EditMessage", "React")
WORKERS = ("PushEvents", "MaintainSockets")
"""A job of theirs that a fault has met is delivered again after the visibility timeout, 60 s."""


class FaultInjector:
    """`functions`: whose environments are killed and stopped; `stop_seconds`: how long one is
    stopped; `lock_seconds`: how long a table is locked. `counts`: how often each fault met
    something; `met`: how much it met in all.
    """

    def __init__(
        self,
        system: LocalSystem,
        *,
        functions: Sequence[str],
        stop_seconds: float,
        lock_seconds: float,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        self._system = system
        self._functions = functions
        self._stop_seconds = stop_seconds
        self._lock_seconds = lock_seconds
        self._chosen: Counter[str] = Counter()

    async def run(self, *, seconds: float, every: float) -> None:
        faults: dict[str, Callable[[], Awaitable[int]]] = {
            "environment killed": self._kill_environment,
            "sockets cut": self._cut_sockets,
            "environment stopped": self._stop_environment,
            "backends terminated": self._terminate_backends,
            "database slow": self._lock_messages,
            "Valkey killed": self._kill_valkey,
        }
        async with asyncio.TaskGroup() as running:
            for number in range(round(seconds / every)):
                await asyncio.sleep(every / 2)
                name = list(faults)[number % len(faults)]
                running.create_task(self._inject(name, faults[name]))
                await asyncio.sleep(every / 2)

    async def _inject(self, name: str, fault: Callable[[], Awaitable[int]]) -> None:
        met = await fault()
        self.counts[name] += met > 0
        self.met[name] += met

    async def _kill_environment(self) -> int:
        pid = await self._choose_environment()
        return 0 if pid is None else _signal(pid, signal.SIGKILL)

    async def _stop_environment(self) -> int:
        pid = await self._choose_environment()
        if pid is None or not _signal(pid, signal.SIGSTOP):
            return 0
        try:
            await asyncio.sleep(self._stop_seconds)
        finally:
            _signal(pid, signal.SIGCONT)
        return 1

    async def _choose_environment(self) -> int | None:
        """Of the function that was chosen least often."""
        environments = await asyncio.to_thread(self._system.environments, *self._functions)
        if not environments:
            return None
        pid = min(environments, key=lambda pid: self._chosen[environments[pid]])
        self._chosen[environments[pid]] += 1
        return pid

    async def _cut_sockets(self) -> int:
        """Half of them."""

        def cut() -> int:
            seed = self.counts["sockets cut"]
            self._system.set_faults(seed=seed, sockets={"cut": 0.5})
            return self._system.fault_counts().get("sockets_cut", 0)

        return await asyncio.to_thread(cut)

    async def _terminate_backends(self) -> int:
        async with await self._superuser() as connection:
            ended = await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cgraph'"
            )
            return ended.rowcount

    async def _lock_messages(self) -> int:
        async with await self._superuser() as connection, connection.transaction():
            await connection.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(self._lock_seconds)
        return 1

    async def _kill_valkey(self) -> int:
        return int(self._system.kill_service("valkey") is not None)

    async def _superuser(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        return await psycopg.AsyncConnection.connect(
            self._system.endpoints.admin_conninfo, autocommit=True
        )


def _signal(pid: int, number: signal.Signals) -> int:
    """1 where the process was there, otherwise 0."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return 1
    return 0
