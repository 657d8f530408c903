"""The connections to Apple's and Google's services: kept, because they want few and long ones, and
HTTP/2, because APNs takes nothing else.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT_SECONDS = 8.0
IDLE_SECONDS = 60.0
"""After which a connection is not used again."""

TLS: Callable[[], ssl.SSLContext] = ssl.create_default_context

_client: httpx.AsyncClient | None = None


@dataclass(frozen=True, slots=True)
class ServiceResponse:
    """`body`: its JSON, an empty object where it has none."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]


async def post(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    json: object = None,
    form: Mapping[str, str] | None = None,
) -> ServiceResponse:
    """Raises OSError, also where the answer is not HTTP."""
    try:
        response = await _connected().post(url, headers=headers, json=json, data=form)
    except httpx.HTTPError as error:
        raise OSError(repr(error)) from error
    return ServiceResponse(response.status_code, response.headers, _json(response))


def _connected() -> httpx.AsyncClient:
    global _client
    if _client is None:
        _client = httpx.AsyncClient(
            http2=True,
            verify=TLS(),
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            limits=httpx.Limits(max_connections=8, keepalive_expiry=IDLE_SECONDS),
        )
    return _client


def reset() -> None:
    """Forgets the connections, for tests."""
    global _client
    _client = None


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
