"""The Lambda integration: invokes functions with the timeout of a route."""

import asyncio
from collections.abc import Mapping

from cgraph_local.gateway.problems import Problem, RequestRefused
from cgraph_local.host import InvocationError, InvocationResult, LambdaHost
from cgraph_local.template import Function


class Integration:
    """A function whose own timeout is not longer than the route's needs no timer."""

    def __init__(self, functions: Mapping[str, Function], *, host: LambdaHost) -> None:
        self._host = host
        self._timeouts = {name: function.timeout for name, function in functions.items()}
        self._late_invocations: set[asyncio.Task[InvocationResult]] = set()

    async def invoke(
        self, function: str, event: dict[str, object], *, timeout_seconds: float
    ) -> InvocationResult | None:
        """None when the timeout passes first. The function goes on, as it does on AWS."""
        if self._timeouts[function] <= timeout_seconds:
            return await self._host.invoke(function, event)
        task = asyncio.ensure_future(self._host.invoke(function, event))
        done, _ = await asyncio.wait({task}, timeout=timeout_seconds)
        if done:
            return task.result()
        self._late_invocations.add(task)
        task.add_done_callback(self._late_invocations.discard)
        return None


def payload_or_raise(function: str, result: InvocationResult | None) -> object:
    """What the function returned. Raises RequestRefused when it failed or did not return in
    time.
    """
    if result is None:
        raise RequestRefused(Problem.FUNCTION_TIMED_OUT, f"{function} did not return in time.")
    error = result.error
    if error is None:
        return result.payload
    if error is InvocationError.TIMED_OUT:
        raise RequestRefused(
            Problem.FUNCTION_TIMED_OUT, f"{function} took longer than its timeout."
        )
    if error is InvocationError.THROTTLED:
        raise RequestRefused(
            Problem.THROTTLED, f"All of {function}'s reserved concurrency is in use."
        )
    raise RequestRefused(
        Problem.FUNCTION_FAILED, f"{function}: {_REASONS[error]}. See: cgraph logs {function}"
    )


_REASONS = {
    InvocationError.UNHANDLED: "the handler raised",
    InvocationError.CRASHED: "its process died",
    InvocationError.IMPORT_FAILED: "its handler could not be imported",
}
