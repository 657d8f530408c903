"""The environments of one function, and the events that wait for one."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Protocol

import orjson

from cgraph_local.host.execution_environment import Environment, State
from cgraph_local.host.fork_server_client import Fork, ForkerFailed
from cgraph_local.host.invocation import Error, Invocation
from cgraph_local.host.pending_invocation import Job
from cgraph_local.host.statistics import FunctionStatistics
from cgraph_local.template import Function

WriteLine = Callable[[bytes, str], None]


class Forking(Protocol):
    """What a pool needs of the host."""

    async def fork(self, function: Function) -> Fork: ...

    def kill(self, pid: int) -> None: ...

    def spawn(self, work: Coroutine[None, None, None]) -> None: ...


class Pool:
    """Lambda would start an environment for each event that finds none free. A laptop has few
    cores, so above `ceiling` environments events wait in line instead."""

    def __init__(
        self, function: Function, *, host: Forking, ceiling: int, write_line: WriteLine
    ) -> None:
        self.function = function
        self.statistics = FunctionStatistics()
        self.environments: set[Environment] = set()
        self._host = host
        self._ceiling = ceiling
        self._write_line = write_line
        self._idle: list[Environment] = []
        self._waiting: deque[Job] = deque()
        self._forking = 0
        self._starting = 0
        self.under_way: set[asyncio.Future[Invocation]] = set()
        self._generation = 0

    def submit(self, job: Job) -> None:
        reserved = self.function.reserved_concurrency
        if reserved is not None and len(self.under_way) >= reserved:
            self.statistics.count_error(Error.THROTTLED)
            job.fail(Error.THROTTLED, "Rate Exceeded.")
            return
        self.under_way.add(job.done)
        job.done.add_done_callback(self.under_way.discard)
        if self._idle:
            self._idle.pop().give(job)
        else:
            self._waiting.append(job)
            self._start_enough()

    def replace(self, function: Function) -> None:
        """Code or settings have changed: each environment ends after the event it has."""
        self.function = function
        self._generation += 1
        for environment in self.environments:
            environment.retiring = True
        self._close(self._idle)
        self._idle = []

    def idle_since(self) -> list[float]:
        return [environment.idle_since for environment in self._idle]

    def reap(self, *, before: float) -> None:
        """End those that have been idle since before then."""
        old = [one for one in self._idle if one.idle_since < before]
        self._idle = [one for one in self._idle if one.idle_since >= before]
        self._close(old)

    def end_longest_idle(self) -> None:
        longest = min(self._idle, key=lambda one: one.idle_since)
        self._idle.remove(longest)
        self._close([longest])

    def close(self) -> None:
        for job in self._waiting:
            job.fail(Error.CRASHED, "The local cloud is stopping")
        self._waiting.clear()
        self._close(list(self.environments))

    def ready(self, environment: Environment) -> None:
        self._starting -= 1
        self.statistics.init_ms.append(environment.init_ms)
        self._free(environment)

    def finished(self, environment: Environment, *, cpu_ns: int, error: Error | None) -> None:
        self._account(environment, cpu_ns=cpu_ns)
        if error is not None:
            self.statistics.count_error(error)
        self._free(environment)

    def ended(self, environment: Environment) -> None:
        if environment in self._idle:
            self._idle.remove(environment)

    def lost(self, environment: Environment, *, job: Job | None, untaken: bool) -> None:
        self.environments.discard(environment)
        self.ended(environment)
        if job is None:
            self._start_enough()
            return
        if untaken:
            self._waiting.appendleft(job)
            self._start_enough()
            return
        self._account(environment, cpu_ns=None)
        self._fail(job, environment)

    def not_started(self, environment: Environment, *, error: Error, payload: bytes) -> None:
        """The event that has waited longest gets the reason, as on Lambda; the others try again."""
        self.environments.discard(environment)
        self._starting -= 1
        job = self._next()
        if job is not None and payload:
            self.statistics.count_error(error)
            document = orjson.loads(payload) | {"requestId": job.request_id}
            job.finish(orjson.dumps(document), error=error)
        elif job is not None:
            self._fail(job, environment)
        self._start_enough()

    def report(self) -> dict[str, object]:
        now = time.monotonic()
        environments = [
            {
                "pid": one.pid,
                "state": one.state.value,
                "invocations": one.invocations,
                "age_s": round(now - one.born, 1),
            }
            for one in self.environments
        ]
        return {**self.statistics.report(), "environments": environments}

    def _free(self, environment: Environment) -> None:
        if environment.retiring:
            environment.close()
            self._start_enough()
        elif (job := self._next()) is not None:
            environment.give(job)
        else:
            self._idle.append(environment)

    def _next(self) -> Job | None:
        """Those whose caller has gone away in the meantime are not worth an environment."""
        while self._waiting:
            job = self._waiting.popleft()
            if not job.done.done():
                return job
        return None

    def _account(self, environment: Environment, *, cpu_ns: int | None) -> None:
        statistics = self.statistics
        statistics.invocations += 1
        statistics.duration_ms.append((time.monotonic() - environment.busy_since) * 1000)
        if cpu_ns is not None:
            statistics.cpu_ms.append(cpu_ns / 1e6)

    def _fail(self, job: Job, environment: Environment) -> None:
        self.statistics.count_error(environment.error)
        why = environment.why_gone()
        line = {"level": "ERROR", "message": why, "pid": environment.pid}
        self._write_line(orjson.dumps(line), job.request_id)
        job.fail(environment.error, why)

    def _start_enough(self) -> None:
        living = self._forking + sum(not one.retiring for one in self.environments)
        wanted = min(len(self._waiting) - self._starting, self._ceiling - living)
        for _ in range(wanted):
            self._starting += 1
            self._forking += 1
            self._host.spawn(self._start())

    async def _start(self) -> None:
        born, generation = time.monotonic(), self._generation
        try:
            fork = await self._host.fork(self.function)
        except (ForkerFailed, OSError) as error:
            self._starting -= 1
            for job in iter(self._next, None):
                job.fail(Error.CRASHED, str(error))
            return
        finally:
            self._forking -= 1
        environment = Environment(
            fork,
            born=born,
            owner=self,
            timeout=self.function.timeout,
            kill=self._host.kill,
            write_line=self._write_line,
        )
        environment.retiring = generation != self._generation
        self.environments.add(environment)
        await environment.connect()

    @staticmethod
    def _close(environments: list[Environment]) -> None:
        for environment in environments:
            if environment.state in (State.IDLE, State.STARTING):
                environment.close()
