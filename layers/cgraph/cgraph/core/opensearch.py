"""OpenSearch, where the stage has it: requests that the function's role signs.

opensearch-py costs 190 ms of import, and boto3 as much again for what signs its requests.
"""

import asyncio
import time
from functools import lru_cache
from urllib.parse import urlsplit

from cgraph.core import iam, metrics
from cgraph.core.http_connections import Connections
from cgraph.core.log import logger
from cgraph.core.settings import settings

SEARCH_SECONDS = 2.0
"""What a person waits for; then Postgres answers."""
WRITE_SECONDS = 20.0
LONGEST_SECONDS = 60.0

BREAKER_SECONDS = 5.0
"""How long nothing is asked after a failure, so that not each search waits for a domain that is
known to be away.
"""
AWAY = frozenset((401, 403, 429, 502, 503, 504))
"""Statuses with which a domain says that it cannot now, or that our role may not: none of them says
that the request is wrong.
"""
RECEIVE_BYTES = 65_536

_away_until = 0.0


class OpenSearchUnavailable(OSError):
    """It does not answer in time, or refuses us; the caller decides what that means."""


def is_configured() -> bool:
    """Whether this stage has one."""
    return bool(settings().opensearch_url)


async def request(
    method: str,
    path: str,
    body: bytes = b"",
    *,
    timeout: float,  # noqa: ASYNC109 - of one request, of which the caller makes several
    breaker: bool = True,
) -> tuple[int, bytes]:
    """The status and the body of the answer. Raises OpenSearchUnavailable.

    `path`: with the query, encoded; never of HEAD, whose answers have no body. `breaker`: without
    it, a failure a moment ago does not count: for what nobody waits for. A request may arrive
    twice, where the connection ends before the answer.
    """
    global _away_until
    if breaker and time.monotonic() < _away_until:
        raise OpenSearchUnavailable("it was away a moment ago")
    metrics.round_trip("opensearch")
    try:
        async with asyncio.timeout(min(timeout, LONGEST_SECONDS)):
            status, answer = await _connections().request(_signed(method, path, body))
    except OSError as error:  # also TimeoutError, CredentialsUnavailable
        raise _unavailable(repr(error)) from error
    if status in AWAY:
        raise _unavailable(f"{status} {answer[:300].decode(errors='replace')}")
    return status, answer


def reset() -> None:
    """Closes the connections: the next request opens new ones, with the credentials of then."""
    global _away_until
    _away_until = 0.0
    if _connections.cache_info().currsize:
        _connections().close()
    _connections.cache_clear()


def _unavailable(reason: str) -> OpenSearchUnavailable:
    global _away_until
    _away_until = time.monotonic() + BREAKER_SECONDS
    metrics.add_property("opensearch_unavailable", 1)
    logger.error("opensearch_unavailable", extra={"reason": reason})
    return OpenSearchUnavailable(reason)


def _signed(method: str, path: str, body: bytes) -> bytes:
    """The request. Raises CredentialsUnavailable."""
    target = urlsplit(path)
    host = urlsplit(settings().opensearch_url).netloc
    content = {"content-type": "application/json"} if body else {}
    if settings().opensearch_auth == "iam":
        lines = iam.signed_headers(
            "es",
            method=method,
            host=host,
            path=target.path,
            query=target.query,
            headers=content,
            body=body,
        )
    else:
        lines = {"host": host, **content}
    head = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}content-length: {len(body)}\r\n\r\n".encode() + body


@lru_cache(maxsize=1)
def _connections() -> Connections:
    url = settings().opensearch_url
    return Connections(url, response_seconds=LONGEST_SECONDS, receive_bytes=RECEIVE_BYTES)
