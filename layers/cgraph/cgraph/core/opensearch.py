"""OpenSearch, where the stage has it: a client that signs its requests.

    with opensearch.asking() as client:
        answer = client.search(index=…, body=…)

The process waits for the answer, as for Valkey's (decision 0111): it has one event at a time.
Requests are signed by AWS Signature Version 4 in `cgraph.core.iam`, without boto3.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cgraph.core import iam, metrics, snapstart
from cgraph.core.log import logger
from cgraph.core.settings import settings

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

SEARCH_SECONDS = 2.0
"""What a person waits for; then Postgres answers."""
WRITE_SECONDS = 20.0
"""For `request_timeout=` of bulk requests and of what an operator starts."""

BREAKER_SECONDS = 5.0
"""How long nothing is asked after a failure, so that not each search waits for a domain that is
known to be away.
"""
AWAY = frozenset((401, 403, 429, 500, 502, 503, 504))
"""Statuses with which a domain says that it cannot, or that our role may not. None of them says
that the request is wrong.
"""

_away_until = 0.0

snapstart.imported_on_use("opensearchpy")


class OpenSearchUnavailable(Exception):
    """It does not answer in time, or refuses us; the caller decides what that means."""


def is_configured() -> bool:
    """Whether this stage has one."""
    return bool(settings().opensearch_url)


def name_of(what: str) -> str:
    """Of an index or alias of this stage: those of several may be on one node."""
    return f"{settings().opensearch_prefix}-{what}"


@contextmanager
def asking(*, breaker: bool = True) -> Iterator["OpenSearch"]:
    """Raises OpenSearchUnavailable, at the latest after twice the request's timeout; what else the
    client raises (NotFoundError, RequestError …) passes. `breaker`: without it, a failure a moment
    ago does not count; for what nobody waits for.
    """
    global _away_until
    if breaker and time.monotonic() < _away_until:
        raise OpenSearchUnavailable("it was away a moment ago")
    from opensearchpy.exceptions import ConnectionError as NotConnected
    from opensearchpy.exceptions import TransportError

    metrics.round_trip("opensearch")
    try:
        yield _client()
    except (TransportError, OSError) as error:
        if not isinstance(error, NotConnected | OSError) and error.status_code not in AWAY:
            raise
        _away_until = time.monotonic() + BREAKER_SECONDS
        reason = _reason(error)
        logger.error("opensearch_unavailable", extra={"reason": reason})
        metrics.count("opensearch.unavailable")
        raise OpenSearchUnavailable(reason) from error


def reset() -> None:
    """Drops the connection of another environment: the next request opens a new one."""
    global _away_until
    _away_until = 0.0
    _client.cache_clear()


@lru_cache(maxsize=1)
def _client() -> "OpenSearch":
    from opensearchpy import OpenSearch, Urllib3HttpConnection

    url = urlsplit(settings().opensearch_url)
    default = 443 if url.scheme == "https" else 80
    return OpenSearch(
        hosts=[{"host": url.hostname, "port": url.port or default}],
        use_ssl=url.scheme == "https",
        http_auth=_signature if settings().opensearch_auth == "iam" else None,
        connection_class=Urllib3HttpConnection,
        pool_maxsize=1,
        timeout=SEARCH_SECONDS,
        # A connection that died while this environment was frozen is opened again; what took too
        # long once is not asked a second time.
        max_retries=1,
        retry_on_timeout=False,
        retry_on_status=(),
    )


def _signature(method: str, url: str, body: bytes | str | None) -> dict[str, str]:
    """The headers that sign a request of opensearch-py."""
    parts = urlsplit(url)
    content = body.encode() if isinstance(body, str) else body or b""
    signed = iam.signed_headers(
        "es",
        method=method,
        host=urlsplit(settings().opensearch_url).netloc,
        path=parts.path,
        query=parts.query,
        headers={},
        body=content,
    )
    del signed["host"]  # urllib3 sends the same one itself
    return signed


def _reason(error: Exception) -> str:
    """Without the body: a query is what a person searched for."""
    status = getattr(error, "status_code", None)
    return f"{type(error).__name__} {status}" if status is not None else type(error).__name__
