"""Gives events to functions: the part of Lambda that is not the function."""

import asyncio
import os
import time
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import orjson

from cgraph_local.core.background_tasks import Tasks
from cgraph_local.host.fork_server_client import Fork, Forker, ForkerFailed
from cgraph_local.host.function_pool import Pool
from cgraph_local.host.invocation import Invocation
from cgraph_local.host.pending_invocation import Job
from cgraph_local.template import Function

IDLE_SECONDS = 300.0
MANY, MANY_IDLE_SECONDS = 12, 60.0
"""More than so many idle ones are not kept for longer than this: each is about 15 MB."""
AT_MOST = 100
"""Environments, of all functions: each may hold a connection to Postgres, which takes 200."""

REAP_EVERY = 15.0
RESTART_PAUSE = 1.0
STOP_SECONDS = 10.0


class UnknownFunction(LookupError):
    """There is no function of that name in the template."""


class FunctionLog(Protocol):
    folder: Path

    def write(self, function: str, line: bytes, *, request_id: str) -> None: ...


def default_ceiling() -> int:
    return max(4, 2 * (os.cpu_count() or 1))


class LambdaHost:
    """`functions` carry their whole environment, AWS's own variables included.

    Not carried out: an environment's memory limit (it is told, not enforced) and a /tmp of its own.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        *,
        log: FunctionLog,
        ceiling: int | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._log = log
        self.ceiling = ceiling or default_ceiling()
        self._idle_seconds = idle_seconds
        self._pools: dict[str, Pool] = {}
        self._leaving: list[Pool] = []
        self._tasks = Tasks(self._say)
        self._forker = Forker(log=log.folder / "host.log", on_loss=self._forker_lost)
        self._up = asyncio.Event()
        self._stopping = False
        self.statistics = HostStatistics(self._pools)
        self.apply(functions)

    async def start(self) -> None:
        await self._forker.start()
        self._up.set()
        self.spawn(self._reap())

    async def stop(self) -> None:
        """Events that are on their way end first, for a while."""
        self._stopping = True
        under_way = [job for pool in self._all_pools() for job in pool.under_way]
        if under_way:
            await asyncio.wait(under_way, timeout=STOP_SECONDS)
        for pool in self._all_pools():
            pool.close()
        await self._tasks.cancel()
        await self._forker.stop()

    def abandon(self) -> None:
        """Every environment ends now; what they were doing has crashed."""
        self._stopping = True
        self._forker.kill_all()

    async def invoke(
        self, function: str, event: Mapping[str, object] | bytes, *, tail: bool = False
    ) -> Invocation:
        """Wait for the function's answer; an `event` of bytes is JSON already."""
        pool = self._pools.get(function)
        if pool is None:
            raise UnknownFunction(f"there is no function {function} in the template")
        body = event if isinstance(event, bytes) else orjson.dumps(event)
        job = Job(body, request_id=str(uuid4()), tail=tail)
        pool.submit(job)
        return await job.done

    def apply(self, functions: Mapping[str, Function]) -> None:
        """Make these the functions; environments of one that has changed end after their event."""
        for name in self._pools.keys() - functions.keys():
            pool = self._pools.pop(name)
            pool.replace(pool.function)
            self._leaving.append(pool)
        for name, function in functions.items():
            if name not in self._pools:
                self._pools[name] = self._new_pool(function)
            elif self._pools[name].function != function:
                self._pools[name].replace(function)

    def reload(self, names: set[str]) -> None:
        """The code of these functions has changed."""
        for name in names & self._pools.keys():
            pool = self._pools[name]
            pool.replace(pool.function)

    async def fork(self, function: Function) -> Fork:
        await self._up.wait()
        self._make_room()
        paths = [str(function.code), *(str(layer) for layer in function.layers)]
        return await self._forker.fork(variables=function.environment, paths=paths)

    def kill(self, pid: int) -> None:
        self._forker.kill(pid)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        self._tasks.spawn(work, name="the Lambda host")

    def _say(self, line: str) -> None:
        self._log.write("host", line.encode(), request_id="")

    def _all_pools(self) -> list[Pool]:
        return [*self._pools.values(), *self._leaving]

    def _new_pool(self, function: Function) -> Pool:
        def write_line(line: bytes, request_id: str) -> None:
            self._log.write(function.name, line, request_id=request_id)

        return Pool(function, host=self, ceiling=self.ceiling, write_line=write_line)

    def _forker_lost(self) -> None:
        """Of one that never came up, whoever starts the host is told."""
        was_up = self._up.is_set()
        self._up.clear()
        if was_up and not self._stopping:
            self._say("the process environments are forked from has ended; starting it again")
            self.spawn(self._start_again())

    async def _start_again(self) -> None:
        while not self._up.is_set():
            await self._forker.stop()
            try:
                await self._forker.start()
                self._up.set()
            except ForkerFailed as failure:
                self._say(str(failure))
                await asyncio.sleep(RESTART_PAUSE)

    async def _reap(self) -> None:
        while True:
            await asyncio.sleep(min(REAP_EVERY, self._idle_seconds))
            self._leaving = [pool for pool in self._leaving if pool.environments]
            before = self._reap_before()
            for pool in self._pools.values():
                pool.reap(before=before)

    def _make_room(self) -> None:
        """For one more: the one that has been idle longest ends. Those at work may be more."""
        if sum(len(pool.environments) for pool in self._pools.values()) < AT_MOST:
            return
        idle = [pool for pool in self._pools.values() if pool.idle_since()]
        if idle:
            min(idle, key=lambda pool: min(pool.idle_since())).end_longest_idle()

    def _reap_before(self) -> float:
        now = time.monotonic()
        idle = sorted(since for pool in self._pools.values() for since in pool.idle_since())
        too_many = idle[-MANY] if len(idle) > MANY else 0.0
        return max(now - self._idle_seconds, min(too_many, now - MANY_IDLE_SECONDS))


class HostStatistics:
    def __init__(self, pools: Mapping[str, Pool]) -> None:
        self._pools = pools

    def report(self) -> dict[str, object]:
        """JSON-able, by function: invocations, errors, quantiles in ms, environments."""
        return {name: pool.report() for name, pool in self._pools.items()}

    def clear(self) -> None:
        for pool in self._pools.values():
            pool.statistics = type(pool.statistics)()
