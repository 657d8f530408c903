"""The execution environments of one function, and the events that wait for one of them."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Protocol

import orjson

from cgraph_local.host.execution_environment import ExecutionEnvironment, State
from cgraph_local.host.fork_control import Fork, ForkServerFailed
from cgraph_local.host.invocation import InvocationError, InvocationResult
from cgraph_local.host.pending_invocation import PendingInvocation
from cgraph_local.host.statistics import FunctionStatistics
from cgraph_local.template import Function

WriteLine = Callable[[bytes, str], None]


class PoolHost(Protocol):
    """What a pool uses of the Lambda host."""

    async def fork(self, function: Function) -> Fork: ...

    def kill(self, pid: int) -> None: ...

    def spawn(self, work: Coroutine[None, None, None]) -> None: ...


class FunctionPool:
    """Lambda starts an environment for each event that finds none idle. A laptop has few cores, so
    above `max_environments` events wait in a queue instead.
    """

    def __init__(
        self, function: Function, *, host: PoolHost, max_environments: int, write_line: WriteLine
    ) -> None:
        self.function = function
        self.statistics = FunctionStatistics()
        self.environments: set[ExecutionEnvironment] = set()
        self._host = host
        self._max_environments = max_environments
        self._write_line = write_line
        self._idle: list[ExecutionEnvironment] = []
        self._waiting: deque[PendingInvocation] = deque()
        self._forking = 0
        self._starting = 0
        self.in_progress: set[asyncio.Future[InvocationResult]] = set()
        self._generation = 0

    @property
    def size(self) -> int:
        """The environments that it has or is about to have, without those that are ending."""
        return self._forking + sum(not each.retiring for each in self.environments)

    def submit(self, pending: PendingInvocation) -> None:
        """Above the function's reserved concurrency the event is throttled."""
        reserved = self.function.reserved_concurrency
        if reserved is not None and len(self.in_progress) >= reserved:
            self.statistics.count_error(InvocationError.THROTTLED)
            pending.fail(InvocationError.THROTTLED, "Rate Exceeded.")
            return
        self.in_progress.add(pending.result)
        pending.result.add_done_callback(self.in_progress.discard)
        if self._idle:
            self._idle.pop().dispatch(pending)
        else:
            self._waiting.append(pending)
            self._start_missing()

    def replace(self, function: Function) -> None:
        """The code or the settings have changed: each environment ends after the event it has."""
        self.function = function
        self._generation += 1
        for environment in self.environments:
            environment.retiring = True
        self._close(self._idle)
        self._idle = []

    def idle_since(self) -> list[float]:
        """When each idle environment became idle, on the monotonic clock."""
        return [environment.idle_since for environment in self._idle]

    def reap(self, *, before: float) -> None:
        """Ends the environments that have been idle since before this time."""
        expired = [each for each in self._idle if each.idle_since < before]
        self._idle = [each for each in self._idle if each.idle_since >= before]
        self._close(expired)

    def close_longest_idle(self) -> None:
        environment = min(self._idle, key=lambda each: each.idle_since)
        self._idle.remove(environment)
        self._close([environment])

    def close(self) -> None:
        """Fails the waiting events and ends all environments that are not busy."""
        for pending in self._waiting:
            pending.fail(InvocationError.CRASHED, "The local cloud is stopping")
        self._waiting.clear()
        self._close(list(self.environments))

    def on_ready(self, environment: ExecutionEnvironment) -> None:
        self._starting -= 1
        self.statistics.init_ms.append(environment.init_ms)
        self._release(environment)

    def on_finished(
        self, environment: ExecutionEnvironment, *, cpu_ns: int, error: InvocationError | None
    ) -> None:
        self._record(environment, cpu_ns=cpu_ns)
        if error is not None:
            self.statistics.count_error(error)
        self._release(environment)

    def on_exit(self, environment: ExecutionEnvironment) -> None:
        if environment in self._idle:
            self._idle.remove(environment)

    def on_lost(
        self, environment: ExecutionEnvironment, *, pending: PendingInvocation | None, unread: bool
    ) -> None:
        self.environments.discard(environment)
        self.on_exit(environment)
        if pending is None:
            self._start_missing()
            return
        if unread:
            self._waiting.appendleft(pending)
            self._start_missing()
            return
        self._record(environment, cpu_ns=None)
        self._fail(pending, environment)

    def on_start_failed(
        self, environment: ExecutionEnvironment, *, error: InvocationError, payload: bytes
    ) -> None:
        """As on Lambda the event that has waited longest fails. Others get new environments."""
        self.environments.discard(environment)
        self._starting -= 1
        pending = self._next_pending()
        if pending is not None and payload:
            self.statistics.count_error(error)
            document = orjson.loads(payload) | {"requestId": pending.request_id}
            pending.finish(orjson.dumps(document), error=error)
        elif pending is not None:
            self._fail(pending, environment)
        self._start_missing()

    def report(self) -> dict[str, object]:
        """The statistics of the function and its environments, as JSON values."""
        now = time.monotonic()
        environments = [
            {
                "pid": each.pid,
                "state": each.state.value,
                "invocations": each.invocations,
                "age_s": round(now - each.started_at, 1),
            }
            for each in self.environments
        ]
        return {**self.statistics.report(), "environments": environments}

    def _release(self, environment: ExecutionEnvironment) -> None:
        """The environment is free for another event."""
        if environment.retiring:
            environment.close()
            self._start_missing()
        elif (pending := self._next_pending()) is not None:
            environment.dispatch(pending)
        else:
            self._idle.append(environment)

    def _next_pending(self) -> PendingInvocation | None:
        """The event that has waited longest. Events whose caller has been cancelled are dropped."""
        while self._waiting:
            pending = self._waiting.popleft()
            if not pending.result.done():
                return pending
        return None

    def _record(self, environment: ExecutionEnvironment, *, cpu_ns: int | None) -> None:
        statistics = self.statistics
        statistics.invocations += 1
        statistics.duration_ms.append((time.monotonic() - environment.busy_since) * 1000)
        if cpu_ns is not None:
            statistics.cpu_ms.append(cpu_ns / 1e6)

    def _fail(self, pending: PendingInvocation, environment: ExecutionEnvironment) -> None:
        self.statistics.count_error(environment.error)
        reason = environment.exit_reason()
        line = {"level": "ERROR", "message": reason, "pid": environment.pid}
        self._write_line(orjson.dumps(line), pending.request_id)
        pending.fail(environment.error, reason)

    def _start_missing(self) -> None:
        missing = min(len(self._waiting) - self._starting, self._max_environments - self.size)
        for _ in range(missing):
            self._starting += 1
            self._forking += 1
            self._host.spawn(self._start())

    async def _start(self) -> None:
        started_at, generation = time.monotonic(), self._generation
        try:
            fork = await self._host.fork(self.function)
        except (ForkServerFailed, OSError) as error:
            self._starting -= 1
            for pending in iter(self._next_pending, None):
                pending.fail(InvocationError.CRASHED, str(error))
            return
        finally:
            self._forking -= 1
        environment = ExecutionEnvironment(
            fork,
            started_at=started_at,
            listener=self,
            timeout=self.function.timeout,
            kill=self._host.kill,
            write_line=self._write_line,
        )
        environment.retiring = generation != self._generation
        self.environments.add(environment)
        await environment.connect()

    @staticmethod
    def _close(environments: list[ExecutionEnvironment]) -> None:
        for environment in environments:
            if environment.state in (State.IDLE, State.STARTING):
                environment.retiring = True
                environment.close()
