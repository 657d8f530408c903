"""JSON over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from cgraph_client.core.addresses import is_loopback
from cgraph_client.core.errors import ProtocolError, Unreachable, new_api_error


def new_http_client(base_url: str, *, timeout: float, user_agent: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"user-agent": user_agent},
        timeout=timeout,
        trust_env=not is_loopback(base_url),
        limits=httpx.Limits(max_keepalive_connections=20, keepalive_expiry=30),
    )


async def send_request(
    http: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    token: str | None = None,
) -> Any:
    """Returns the JSON document of the answer, None where the answer is empty. Query parameters
    that are None are left out. Raises Unreachable, ProtocolError and the subclasses of ApiError."""
    parameters = {name: value for name, value in (query or {}).items() if value is not None}
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    try:
        response = await http.request(
            method, path, json=body, params=parameters or None, headers=headers
        )
    except httpx.TransportError as error:
        raise Unreachable(f"{method} {http.base_url}{path}: {error!r}") from error
    if response.is_success:
        return _parse_document(response)
    raise new_api_error(
        _parse_problem(response),
        status=response.status_code,
        retry_after=response.headers.get("retry-after", ""),
    )


def _parse_document(response: httpx.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except json.JSONDecodeError as error:
        raise ProtocolError(f"{response.url} did not answer with JSON: {error}") from error


def _parse_problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        problem = response.json()
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"detail": response.reason_phrase}
