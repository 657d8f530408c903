"""What runs in an execution environment of these tests: a process that holds real handlers."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from importlib import import_module
from io import StringIO
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from cgraph_local.core.home import CHECKOUT

ENDPOINTS = {path.stem: path.parent.name for path in (CHECKOUT / "functions/api").glob("*/*.py")}
"""The folder of each endpoint."""


@dataclass(frozen=True, slots=True)
class Request:
    """`function`: the name of an endpoint, `send_message`."""

    function: str
    path: Mapping[str, object] = field(default_factory=dict)
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    address: str = "127.0.0.1"
    edge_keys: str | None = None


def prepare(variables: Mapping[str, str]) -> None:
    """With hashes that cost nothing: two people a test were 50 s of argon2 in all."""
    os.environ.update(variables)
    from argon2 import PasswordHasher

    from cgraph.accounts.auth import passwords

    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._DUMMY_HASH = passwords._hasher.hash("the password of no account")


def with_settings(variables: Mapping[str, str], work: Callable[..., Any], *arguments: Any) -> Any:
    """`work` where functions have these environment variables."""
    from cgraph.core import opensearch
    from cgraph.core.settings import settings

    if not variables.items() <= os.environ.items():
        os.environ.update(variables)
        settings.cache_clear()
        opensearch.reset()
    return work(*arguments)


def answer_request(request: Request) -> dict[str, Any]:
    """Method and path are those of the function's one route."""
    module = import_module(f"api.{ENDPOINTS[request.function]}.{request.function}")
    (route,) = module.app.routes
    path = route.path_format.format(**request.path)
    answer: dict[str, Any] = module.handler(
        http_event(request, method=min(route.methods), path=path), None
    )
    return answer


def answer_counted(request: Request) -> tuple[dict[str, Any], int, int]:
    """With the round trips to Valkey and the calls to SQS that it took."""
    from cgraph.core import cache, queues

    with (
        patch.object(cache, "_send", wraps=cache._send) as asked,
        patch.object(queues, "_post", wraps=queues._post) as queued,
    ):
        return answer_request(request), asked.await_count, queued.call_count


def answer_frame(function: str, event: dict[str, Any]) -> dict[str, Any]:
    """A socket route; `event` needs a connection id only, and may say when it was received."""
    event["requestContext"]["requestId"] = str(uuid4())
    event["requestContext"].setdefault("requestTimeEpoch", time.time_ns() // 1_000_000)
    answer: dict[str, Any] = import_module(f"realtime.{function}").handler(event, None)
    return answer


def work_off(function: str, event: dict[str, Any]) -> Any:
    """A worker or a schedule: `workers.push_events`."""
    return import_module(function).handler(event, None)


def printed_by(function: str, event: dict[str, Any]) -> str:
    """What a worker prints: its metrics."""
    with redirect_stdout(StringIO()) as printed:
        work_off(function, event)
    return printed.getvalue()


def forget_the_mode() -> None:
    """As if what this process knows of the operating mode were old."""
    from cgraph.core import limits

    limits._mode_read_at = -limits.MODE_SECONDS


def takes(name: str, burst: int, whose: str, times: int) -> tuple[int, int]:
    """How many of `times` a limit let through, and in which process."""
    from cgraph.core import limits, loop

    limit = limits.Limit(name, per_minute=1, burst=burst)

    async def count() -> int:
        return sum([(await limits.take(limit, subject=whose)).allowed for _ in range(times)])

    return loop.run(count()), os.getpid()


def http_event(request: Request, *, method: str, path: str) -> dict[str, Any]:
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": {"host": "api.test", "content-type": "application/json", **request.headers},
        "requestContext": {
            "domainName": "api.test",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.address,
                "userAgent": request.headers.get("user-agent", ""),
            },
            "requestId": str(uuid4()),
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
    if request.edge_keys is not None:
        event["stageVariables"] = {"EdgeKeys": request.edge_keys}
    if request.body is not None:
        whole = isinstance(request.body, str)
        event["body"] = request.body if whole else json.dumps(request.body)
    return event


def ask_opensearch(method: str, path: str, body: bytes = b"") -> tuple[int, Any] | None:
    """As functions do; None where they have none."""
    from cgraph.core import loop, opensearch

    if not opensearch.is_configured():
        return None
    return loop.run(opensearch.request(method, path, body, timeout=30, breaker=False))
