"""Everything that can fail in the local cloud, one thing after the other."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg

from tests.system import LocalSystem

TALKING = ("SendMessage", "Send", "PushEvents", "EditMessage", "React", "MaintainSockets")


class Turmoil:
    """`long`: for how many seconds an environment is stopped; `slow`: how long the database waits.
    `counts`: how often each fault was done, and `met`: how much it met in all."""

    def __init__(self, system: LocalSystem, *, long: float, slow: float) -> None:
        self.counts: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        self._system = system
        self._long = long
        self._slow = slow
        self._hit: Counter[str] = Counter()

    async def rage(self, *, seconds: float, every: float) -> None:
        faults: dict[str, Callable[[], Awaitable[int]]] = {
            "environment killed": self._kill,
            "sockets cut": self._cut,
            "environment stopped": self._stop,
            "backends terminated": self._terminate,
            "database slow": self._lock,
            "Valkey killed": self._lose_valkey,
        }
        async with asyncio.TaskGroup() as under_way:
            for which in range(round(seconds / every)):
                await asyncio.sleep(every / 2)
                name = list(faults)[which % len(faults)]
                under_way.create_task(self._do(name, faults[name]))
                await asyncio.sleep(every / 2)

    async def _do(self, name: str, fault: Callable[[], Awaitable[int]]) -> None:
        met = await fault()
        self.counts[name] += met > 0
        self.met[name] += met

    async def _kill(self) -> int:
        pid = await self._environment()
        return 0 if pid is None else _signal(pid, signal.SIGKILL)

    async def _stop(self) -> int:
        pid = await self._environment()
        if pid is None or not _signal(pid, signal.SIGSTOP):
            return 0
        try:
            await asyncio.sleep(self._long)
        finally:
            _signal(pid, signal.SIGCONT)
        return 1

    async def _environment(self) -> int | None:
        """Of each function in turn."""
        found = await asyncio.to_thread(self._system.environments, *TALKING)
        if not found:
            return None
        pid = min(found, key=lambda pid: self._hit[found[pid]])
        self._hit[found[pid]] += 1
        return pid

    async def _cut(self) -> int:
        """Half of the sockets."""

        def cut() -> int:
            which = self.counts["sockets cut"]
            self._system.set_faults(seed=which, sockets={"cut": 0.5})
            return self._system.fault_counts().get("sockets_cut", 0)

        return await asyncio.to_thread(cut)

    async def _terminate(self) -> int:
        async with await self._superuser() as connection:
            ended = await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cgraph'"
            )
            return ended.rowcount

    async def _lock(self) -> int:
        async with await self._superuser() as connection, connection.transaction():
            await connection.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(self._slow)
        return 1

    async def _lose_valkey(self) -> int:
        return int(self._system.kill_service("valkey") is not None)

    async def _superuser(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        return await psycopg.AsyncConnection.connect(
            self._system.endpoints.admin_conninfo, autocommit=True
        )


def _signal(pid: int, which: signal.Signals) -> int:
    with suppress(ProcessLookupError):
        os.kill(pid, which)
        return 1
    return 0
