"""Requests to OpenSearch, and every way in which it can be away as one exception."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from cgraph.search.engine import EngineUnavailable


class Client(Protocol):
    """As cgraph.core.opensearch.request, which is one."""

    async def __call__(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        timeout: float,  # noqa: ASYNC109 - of the whole request, connection included
        breaker: bool = True,
    ) -> tuple[int, bytes]:
        """The status and the body of the answer. Raises OSError, which TimeoutError is.
        `breaker`: whether a failure a moment ago is one again, without a request.
        """


class RequestRefused(EngineUnavailable):
    """An answer other than 2xx. `kind`: its type of error, as OpenSearch names it."""

    def __init__(self, status: int, answer: bytes) -> None:
        super().__init__(f"{status} {answer[:500].decode(errors='replace')}")
        self.status = status
        self.kind = _kind(answer)


async def search(client: Client, path: str, data: bytes, *, seconds: float) -> dict[str, Any]:
    """For what a person waits for: quick to give up. Raises EngineUnavailable; RequestRefused for
    an answer other than 2xx.
    """
    return await _call(client, "POST", path, data, seconds=seconds, breaker=True)


async def command(
    client: Client, method: str, path: str, data: bytes = b"", *, seconds: float
) -> dict[str, Any]:
    """For what nobody waits for. Raises as `search`."""
    return await _call(client, method, path, data, seconds=seconds, breaker=False)


def json_line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


async def _call(
    client: Client, method: str, path: str, data: bytes, *, seconds: float, breaker: bool
) -> dict[str, Any]:
    try:
        status, answer = await client(method, path, data, timeout=seconds, breaker=breaker)
    except OSError as error:  # also TimeoutError, CredentialsUnavailable
        raise EngineUnavailable(repr(error)) from error
    if not 200 <= status < 300:
        raise RequestRefused(status, answer)
    try:
        return dict(json.loads(answer))
    except (ValueError, TypeError) as error:
        raise EngineUnavailable(f"no JSON object: {answer[:200]!r}") from error


def _kind(answer: bytes) -> str:
    try:
        error = json.loads(answer)["error"]
    except (ValueError, TypeError, KeyError):
        return ""
    return str(error.get("type", "")) if isinstance(error, dict) else ""
