"""JSON over HTTP: an answer is a document, everything else is an error with a type."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from cgraph_client.errors import ProtocolError, Unreachable, new_api_error


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own, which no proxy can reach."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def new_http(base_url: str, *, timeout: float, device: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"user-agent": device},
        timeout=timeout,
        trust_env=not is_loopback(base_url),
        limits=httpx.Limits(max_keepalive_connections=20, keepalive_expiry=30),
    )


async def exchange(
    http: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    token: str | None = None,
) -> Any:
    """The document that answers the request, None where the answer is empty."""
    parameters = {name: value for name, value in (query or {}).items() if value is not None}
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    try:
        response = await http.request(
            method, path, json=body, params=parameters or None, headers=headers
        )
    except httpx.TransportError as error:
        raise Unreachable(f"{method} {http.base_url}{path}: {error!r}") from error
    if response.is_success:
        return _read_document(response)
    raise new_api_error(
        _read_problem(response),
        status=response.status_code,
        retry_after=response.headers.get("retry-after", ""),
    )


def _read_document(response: httpx.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except json.JSONDecodeError as error:
        raise ProtocolError(f"{response.url} did not answer with JSON: {error}") from error


def _read_problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        problem = response.json()
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"detail": response.reason_phrase}
