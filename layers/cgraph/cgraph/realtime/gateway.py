"""API Gateway's `@connections`, called directly: signed requests over connections that are reused.

Through aioboto3 a frame costs many times the CPU: see docs/benchmarks/log.md.
"""

import os
import re
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from cgraph.core import iam
from cgraph.realtime.http_connections import Connections

CONCURRENT_REQUESTS = 64
"""Of one process."""

_USUAL_ID = re.compile(r"[A-Za-z0-9_-]+={0,2}")
"""A connection id as API Gateway makes them: `quote` is a quarter of a post to a new socket."""

_connections: Connections | None = None
_signer: iam.Signer | None = None


class SocketGone(Exception):
    """There is no such connection, or no more."""


class NotDelivered(Exception):
    """It may go another time; the text says why not now."""


async def post(connection: str, data: bytes) -> None:
    """A frame to a socket; when an answer is lost, twice. Raises SocketGone, NotDelivered."""
    await _call("POST", connection, data)


async def close(connection: str) -> None:
    """Raises SocketGone, NotDelivered."""
    await _call("DELETE", connection, b"")


async def _call(method: str, connection: str, body: bytes) -> None:
    try:
        status, answer, _ = await _open_connections().request(_signed(method, connection, body))
    except OSError as error:  # also TimeoutError, CredentialsUnavailable
        raise NotDelivered(repr(error)) from error
    if status == HTTPStatus.GONE:
        raise SocketGone(connection)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise NotDelivered(f"{status} {answer[:200].decode(errors='replace')}")


def _signed(method: str, connection: str, body: bytes) -> bytes:
    """The request. Raises CredentialsUnavailable."""
    path = _path(connection)
    lines = _open_signer().header_lines(method, path, body)
    head = f"{method} {path} HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
    return head.encode() + body


@lru_cache(maxsize=4096)
def _path(connection: str) -> str:
    _, folder = _address()
    is_usual = _USUAL_ID.fullmatch(connection)
    name = connection.replace("=", "%3D") if is_usual else quote(connection, safe="")
    return f"{folder}/@connections/{name}"


@lru_cache(maxsize=1)
def _address() -> tuple[str, str]:
    """Of the stage: its host, and the path to it."""
    url = urlsplit(os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"])
    return url.netloc, url.path.rstrip("/")


def _open_connections() -> Connections:
    global _connections
    if _connections is None:
        _connections = Connections(os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"])
    return _connections


def _open_signer() -> iam.Signer:
    global _signer
    if _signer is None:
        _signer = iam.Signer("execute-api", host=_address()[0])
    return _signer


def reset() -> None:
    """Closes the connections: the next call opens new ones, with the credentials of then."""
    global _connections, _signer
    _signer = None
    if _connections is not None:
        _connections.close()
        _connections = None
