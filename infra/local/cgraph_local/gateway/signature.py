"""Verifies AWS Signature Version 4 of a request, as `@connections` does on AWS."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote

from cgraph_local.core.credentials import Credentials
from cgraph_local.gateway.asgi import Headers

VALID_FOR = timedelta(minutes=15)
"""Before and after the time at which the request was signed."""


class SignedRequest(Protocol):
    """`target`: path and query, as they were sent."""

    @property
    def method(self) -> str: ...
    @property
    def target(self) -> bytes: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def body(self) -> bytes: ...


_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/"
    r"(?P<scope>(?P<day>\d{8})/[^/]+/[^/]+/aws4_request), ?"
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


def is_signed(request: SignedRequest, *, credentials: Credentials, now: datetime) -> bool:
    """Whether the request was signed with this key, for this body, a short time ago."""
    headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in request.headers}
    given = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if given is None or given["key"] != credentials.access_key_id:
        return False
    names = given["names"].split(";")
    stamp = headers.get("x-amz-date", "")
    if not {"host", "x-amz-date"}.issubset(names) or not headers.keys() >= set(names):
        return False
    if not stamp.startswith(given["day"]) or not _is_recent(stamp, now=now):
        return False
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    path, _, query = request.target.decode("latin-1").partition("?")
    digest = hashlib.sha256(request.body).hexdigest()
    # The query is taken as it is: `@connections` has no parameters.
    parts = (request.method, quote(path, safe="/~"), query, lines, given["names"], digest)
    digest = hashlib.sha256("\n".join(parts).encode("latin-1")).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{given['scope']}\n{digest}".encode()
    key = _key(credentials.secret_access_key, given["scope"])
    return hmac.compare_digest(hmac.digest(key, to_sign, "sha256").hex(), given["signature"])


def _is_recent(stamp: str, *, now: datetime) -> bool:
    try:
        signed_at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(now - signed_at) <= VALID_FOR


@lru_cache(maxsize=8)
def _key(secret: str, scope: str) -> bytes:
    """Of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
