"""OpenSearch, where the stage has it: requests that the function's role signs.

opensearch-py's requests block, so they are made in a thread: what else goes on in the event may go
on.
"""

import asyncio
import time
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cgraph.core import iam, metrics
from cgraph.core.log import logger
from cgraph.core.settings import settings

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

SEARCH_SECONDS = 2.0
"""What a person waits for; then Postgres answers."""
WRITE_SECONDS = 20.0

BREAKER_SECONDS = 5.0
"""How long nothing is asked after a failure, so that not each search waits for a domain that is
known to be away.
"""
AWAY = frozenset((401, 403, 429, 502, 503, 504))
"""Statuses with which a domain says that it cannot now, or that our role may not: none of them says
that the request is wrong.
"""

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
) -> tuple[int, Any]:
    """The status and the answer: JSON, or the text of `/_cat`. Raises OpenSearchUnavailable, at the
    latest after twice the timeout.

    `path`: with the query, encoded. `breaker`: without it, a failure a moment ago does not count:
    for what nobody waits for. A request may arrive twice, where the connection ends before the
    answer.
    """
    global _away_until
    if breaker and time.monotonic() < _away_until:
        raise OpenSearchUnavailable("it was away a moment ago")
    metrics.round_trip("opensearch")
    try:
        return await answer_of(_client(), method, path, body, timeout=timeout)
    except OpenSearchUnavailable as error:
        _away_until = time.monotonic() + BREAKER_SECONDS
        metrics.add_property("opensearch_unavailable", 1)
        logger.error("opensearch_unavailable", extra={"reason": str(error)})
        raise


async def answer_of(
    client: "OpenSearch",
    method: str,
    path: str,
    body: bytes,
    *,
    timeout: float,  # noqa: ASYNC109 - as above
) -> tuple[int, Any]:
    """As `request`; the status is 200 for whatever says that it was done."""
    from opensearchpy.exceptions import SerializationError, TransportError

    perform = partial(
        client.transport.perform_request,
        method,
        path,
        params={"request_timeout": timeout},
        body=body or None,
    )
    try:
        return 200, await asyncio.to_thread(perform)
    except TransportError as error:
        if not isinstance(error.status_code, int) or error.status_code in AWAY:
            raise OpenSearchUnavailable(_reason(error)) from error
        return error.status_code, error.info
    except SerializationError as error:
        raise OpenSearchUnavailable(repr(error)) from error


def new_client(url: str, *, is_signed: bool) -> "OpenSearch":
    from opensearchpy import OpenSearch, Urllib3HttpConnection

    parts = urlsplit(url)
    return OpenSearch(
        hosts=[{"host": parts.hostname, "port": parts.port or (443 if _is_secure(url) else 80)}],
        use_ssl=_is_secure(url),
        http_auth=_signature if is_signed else None,
        connection_class=Urllib3HttpConnection,
        pool_maxsize=1,
        # A connection that died while this environment was frozen is opened again; what took too
        # long once is not asked a second time.
        max_retries=1,
        retry_on_timeout=False,
        retry_on_status=(),
    )


def reset() -> None:
    """Drops the connection of another environment: the next request opens a new one."""
    global _away_until
    _away_until = 0.0
    if _client.cache_info().currsize:
        _client().close()
    _client.cache_clear()


@lru_cache(maxsize=1)
def _client() -> "OpenSearch":
    return new_client(settings().opensearch_url, is_signed=settings().opensearch_auth == "iam")


def _is_secure(url: str) -> bool:
    return urlsplit(url).scheme == "https"


def _signature(method: str, url: str, body: bytes | str | None) -> dict[str, str]:
    """The headers that sign a request of opensearch-py."""
    parts = urlsplit(url)
    signed = iam.signed_headers(
        "es",
        method=method,
        host=parts.netloc,
        path=parts.path,
        query=parts.query,
        headers={},
        body=body.encode() if isinstance(body, str) else body or b"",
    )
    del signed["host"]  # urllib3 sends the same one
    return signed


def _reason(error: Exception) -> str:
    """Without the body: a query is what a person searched for."""
    return f"{type(error).__name__} {getattr(error, 'status_code', '')}"
