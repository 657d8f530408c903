"""Invokes functions in execution environments, as the Lambda service does."""

import asyncio
import os
import time
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import orjson

from cgraph_local.core.background_tasks import BackgroundTasks
from cgraph_local.host.code_images import CodeImages, Folders, folders_of
from cgraph_local.host.fork_control import Fork, ForkServerFailed
from cgraph_local.host.fork_server_client import ForkServerClient
from cgraph_local.host.function_pool import FunctionPool
from cgraph_local.host.invocation import InvocationResult
from cgraph_local.host.pending_invocation import PendingInvocation
from cgraph_local.host.preload import PRELOADED_MODULES
from cgraph_local.template import Function

IDLE_SECONDS = 300.0
MAX_IDLE, EXCESS_IDLE_SECONDS = 18, 60.0
"""Idle environments beyond MAX_IDLE end after this time, because each takes about 10 MB."""
MAX_ENVIRONMENTS = 24
"""Of all functions together, as long as one of them is idle: after a call of every route, all of
them take 320 MB. Each may also hold a connection to Postgres, which accepts 200.
"""

REAP_INTERVAL = 15.0
RESTART_PAUSE = 1.0
STOP_SECONDS = 10.0


class UnknownFunction(LookupError):
    """There is no function of that name in the template."""


class FunctionLog(Protocol):
    """Receives the output of functions, line by line."""

    folder: Path

    def write(self, function: str, line: bytes, *, request_id: str) -> None: ...


def default_max_environments() -> int:
    return max(4, 2 * (os.cpu_count() or 1))


class LambdaHost:
    """`functions` hold all their environment variables, those of Lambda included.

    Not supported: the memory limit of an environment (its value is passed, not enforced) and a /tmp
    for each environment. `max_environments`: how many a function may have at once. `kept`: how many
    all have together as long as one is idle; of these three quarters are kept for long.
    `preloaded`: third-party modules that every environment has from the start.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        *,
        log: FunctionLog,
        max_environments: int | None = None,
        kept: int | None = None,
        idle_seconds: float = IDLE_SECONDS,
        preloaded: Sequence[str] = PRELOADED_MODULES,
    ) -> None:
        self._log = log
        self._kept = kept or MAX_ENVIRONMENTS
        self._max_idle = kept * 3 // 4 if kept else MAX_IDLE
        self.max_environments = max_environments or default_max_environments()
        self._idle_seconds = idle_seconds
        self._pools: dict[str, FunctionPool] = {}
        self._removed_pools: list[FunctionPool] = []
        self._tasks = BackgroundTasks(self._log_line)
        self._fork_server = ForkServerClient(
            log=log.folder / "host.log", on_loss=self._on_fork_server_lost, preloaded=preloaded
        )
        self._images = CodeImages(
            lambda: self._fork_server.control,
            spawn=self.spawn,
            log_line=self._log_line,
            on_image=self._close_idle,
        )
        self._fork_server_ready = asyncio.Event()
        self._stopping = False
        self.statistics = HostStatistics(self._pools)
        self.apply(functions)

    async def start(self) -> None:
        """Raises ForkServerFailed."""
        await self._fork_server.start()
        self._on_fork_server_ready()
        self.spawn(self._reap())

    async def stop(self) -> None:
        """Waits up to 10 seconds for events in progress."""
        self._stopping = True
        in_progress = [pending for pool in self._all_pools() for pending in pool.in_progress]
        if in_progress:
            await asyncio.wait(in_progress, timeout=STOP_SECONDS)
        for pool in self._all_pools():
            pool.close()
        await self._tasks.cancel()
        await self._images.close()
        await self._fork_server.stop()

    def kill_all_environments(self) -> None:
        """Ends every environment at once. Events in progress fail as crashed."""
        self._stopping = True
        self._fork_server.kill_all()

    async def invoke(
        self, function: str, event: Mapping[str, object] | bytes, *, tail: bool = False
    ) -> InvocationResult:
        """Returns when the function has returned. Raises UnknownFunction.

        `event`: a mapping, or JSON as bytes. `tail`: the result holds the log lines.
        """
        pool = self._pools.get(function)
        if pool is None:
            raise UnknownFunction(f"there is no function {function} in the template")
        body = event if isinstance(event, bytes) else orjson.dumps(event)
        pending = PendingInvocation(body, request_id=str(uuid4()), tail=tail)
        pool.submit(pending)
        return await pending.result

    def apply(self, functions: Mapping[str, Function]) -> None:
        """Replaces the functions. Environments of a changed one end after the event they have."""
        for name in self._pools.keys() - functions.keys():
            pool = self._pools.pop(name)
            pool.replace(pool.function)
            self._removed_pools.append(pool)
        for name, function in functions.items():
            if name not in self._pools:
                self._pools[name] = self._new_pool(function)
            elif self._pools[name].function != function:
                self._pools[name].replace(function)
        if self._fork_server_ready.is_set():
            self._images.apply(functions.values())

    def reload(self, names: set[str]) -> None:
        """The code of these functions has changed: their next event gets a new environment."""
        for name in names & self._pools.keys():
            pool = self._pools[name]
            pool.replace(pool.function)
        if names >= self._pools.keys():
            self._images.renew()
        else:
            self._images.mark_changed(names)

    async def fork(self, function: Function) -> Fork:
        await self._fork_server_ready.wait()
        self._evict_idle()
        return await self._images.fork(function)

    def kill(self, pid: int) -> None:
        self._images.kill(pid)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        self._tasks.spawn(work, name="the Lambda host")

    def _log_line(self, line: str) -> None:
        self._log.write("host", line.encode(), request_id="")

    def _all_pools(self) -> list[FunctionPool]:
        return [*self._pools.values(), *self._removed_pools]

    def _new_pool(self, function: Function) -> FunctionPool:
        def write_line(line: bytes, request_id: str) -> None:
            self._log.write(function.name, line, request_id=request_id)

        return FunctionPool(
            function, host=self, max_environments=self.max_environments, write_line=write_line
        )

    def _on_fork_server_ready(self) -> None:
        self._fork_server_ready.set()
        self._images.apply(pool.function for pool in self._pools.values())

    def _on_fork_server_lost(self) -> None:
        """Starts it again. When it never became ready, `start` raises instead."""
        was_ready = self._fork_server_ready.is_set()
        self._fork_server_ready.clear()
        self._images.lose()
        if was_ready and not self._stopping:
            self._log_line("the fork server has ended; starting it again")
            self.spawn(self._restart_fork_server())

    async def _restart_fork_server(self) -> None:
        while not self._fork_server_ready.is_set():
            await self._fork_server.stop()
            try:
                await self._fork_server.start()
                self._on_fork_server_ready()
            except ForkServerFailed as failure:
                self._log_line(str(failure))
                await asyncio.sleep(RESTART_PAUSE)

    async def _reap(self) -> None:
        while True:
            await asyncio.sleep(min(REAP_INTERVAL, self._idle_seconds))
            await self._images.close_unused()
            self._removed_pools = [pool for pool in self._removed_pools if pool.environments]
            limit = self._idle_since_limit()
            for pool in self._pools.values():
                pool.reap(before=limit)

    def _evict_idle(self) -> None:
        """Makes room for one more environment: the one that has been idle longest ends. Busy ones
        are never ended, so there may be more than are kept.
        """
        if sum(pool.size for pool in self._pools.values()) <= self._kept:
            return  # the new one is counted already
        idle = [pool for pool in self._pools.values() if pool.idle_since()]
        if idle:
            min(idle, key=lambda pool: min(pool.idle_since())).close_longest_idle()

    def _close_idle(self, folders: Folders) -> None:
        """Those with these folders have imported the code themselves, which takes many times the
        memory of a fork that shares it.
        """
        for pool in self._pools.values():
            if folders_of(pool.function) == folders:
                pool.reap(before=time.monotonic())

    def _idle_since_limit(self) -> float:
        """Environments that have been idle since before this time end."""
        now = time.monotonic()
        idle = sorted(since for pool in self._pools.values() for since in pool.idle_since())
        excess = idle[-self._max_idle] if len(idle) > self._max_idle else 0.0
        return max(now - self._idle_seconds, min(excess, now - EXCESS_IDLE_SECONDS))


class HostStatistics:
    def __init__(self, pools: Mapping[str, FunctionPool]) -> None:
        self._pools = pools

    def report(self) -> dict[str, object]:
        """By function, as JSON values: invocations, errors, quantiles in ms, environments."""
        return {name: pool.report() for name, pool in self._pools.items()}

    def clear(self) -> None:
        for pool in self._pools.values():
            pool.statistics = type(pool.statistics)()
