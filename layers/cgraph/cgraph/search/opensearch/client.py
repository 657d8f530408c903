"""Requests to OpenSearch, and every way in which it can be away as one exception."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from cgraph.search.engine import EngineUnavailable


class Client(Protocol):
    async def request(
        self, method: str, path: str, body: bytes = b"", *, timeout: float
    ) -> tuple[int, bytes]:
        """The status and the body of the answer. Raises OSError, which TimeoutError is."""


class RequestRefused(EngineUnavailable):
    """An answer other than 2xx. `kind`: its type of error, as OpenSearch names it."""

    def __init__(self, status: int, answer: bytes) -> None:
        super().__init__(f"{status} {answer[:500].decode(errors='replace')}")
        self.status = status
        self.kind = _kind(answer)


async def call(
    client: Client, method: str, path: str, body: Mapping[str, Any] | None = None, *, timeout: float
) -> dict[str, Any]:
    """One request in JSON. Raises EngineUnavailable; RequestRefused for an answer other than
    2xx.
    """
    data = b"" if body is None else json.dumps(body).encode()
    return await _call(client, method, path, data, timeout=timeout)


async def call_lines(
    client: Client, path: str, lines: Sequence[Mapping[str, Any]], *, timeout: float
) -> dict[str, Any]:
    """A request with a JSON object on each line. Raises as `call`."""
    data = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    return await _call(client, "POST", path, data, timeout=timeout)


async def call_bytes(client: Client, path: str, data: bytes, *, timeout: float) -> dict[str, Any]:
    """A request whose lines are made already. Raises as `call`."""
    return await _call(client, "POST", path, data, timeout=timeout)


async def _call(
    client: Client, method: str, path: str, data: bytes, *, timeout: float
) -> dict[str, Any]:
    try:
        status, answer = await client.request(method, path, data, timeout=timeout)
    except OSError as error:  # also TimeoutError, CredentialsUnavailable
        raise EngineUnavailable(repr(error)) from error
    if not 200 <= status < 300:
        raise RequestRefused(status, answer)
    try:
        return dict(json.loads(answer or b"{}"))
    except ValueError as error:
        raise EngineUnavailable(f"no JSON: {answer[:200]!r}") from error


def _kind(answer: bytes) -> str:
    try:
        error = json.loads(answer)["error"]
    except (ValueError, TypeError, KeyError):
        return ""
    return str(error.get("type", "")) if isinstance(error, dict) else ""
