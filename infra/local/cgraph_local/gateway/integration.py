"""Gives events to functions, with API Gateway's own time limit."""

import asyncio
from collections.abc import Mapping

from cgraph_local.gateway.problems import Problem, Refused
from cgraph_local.host import InvocationError, InvocationResult, LambdaHost
from cgraph_local.template import Function


class Integration:
    """A function whose own time-out is within the route's limit costs no timer."""

    def __init__(self, functions: Mapping[str, Function], *, host: LambdaHost) -> None:
        self._host = host
        self._timeouts = {name: function.timeout for name, function in functions.items()}
        self._left_behind: set[asyncio.Task[InvocationResult]] = set()

    async def invoke(
        self, function: str, event: dict[str, object], *, limit_seconds: float
    ) -> InvocationResult | None:
        """None: no answer within the limit; the function goes on, as it does on AWS."""
        if self._timeouts[function] <= limit_seconds:
            return await self._host.invoke(function, event)
        task = asyncio.ensure_future(self._host.invoke(function, event))
        done, _ = await asyncio.wait({task}, timeout=limit_seconds)
        if done:
            return task.result()
        self._left_behind.add(task)
        task.add_done_callback(self._left_behind.discard)
        return None


def payload_or_refusal(function: str, invocation: InvocationResult | None) -> object:
    if invocation is None:
        raise Refused(Problem.FUNCTION_TIMED_OUT, f"{function} gave no answer in time.")
    error = invocation.error
    if error is None:
        return invocation.payload
    if error is InvocationError.TIMED_OUT:
        raise Refused(Problem.FUNCTION_TIMED_OUT, f"{function} took longer than its timeout.")
    if error is InvocationError.THROTTLED:
        raise Refused(Problem.THROTTLED, f"All of {function}'s reserved concurrency is in use.")
    raise Refused(
        Problem.FUNCTION_FAILED, f"{function}: {_WHY[error]}. See: cgraph logs {function}"
    )


_WHY = {
    InvocationError.UNHANDLED: "the handler raised",
    InvocationError.CRASHED: "its process died",
    InvocationError.IMPORT_FAILED: "its handler could not be imported",
}
