"""Verifies AWS Signature Version 4 of a request, as `@connections` does on AWS."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol
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
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), ?Signature="
)


class _Claim(NamedTuple):
    """What an authorization says before its signature; many requests say the same."""

    key: str
    scope: str
    day: str
    names: str
    signed: tuple[str, ...]


def is_signed(request: SignedRequest, *, credentials: Credentials, now: datetime) -> bool:
    """Whether the request was signed with this key, for this body, a short time ago."""
    headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in request.headers}
    authorization = headers.get("authorization", "")
    claim, signature = _claim(authorization[:-64]), authorization[-64:]
    if claim is None or claim.key != credentials.access_key_id:
        return False
    stamp = headers.get("x-amz-date", "")
    if not {"host", "x-amz-date"}.issubset(claim.signed) or not headers.keys() >= set(claim.signed):
        return False
    if not stamp.startswith(claim.day) or not _is_recent(stamp, now=now):
        return False
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in claim.signed)
    path, _, query = request.target.decode("latin-1").partition("?")
    digest = hashlib.sha256(request.body).hexdigest()
    # The query is taken as it is: `@connections` has no parameters.
    parts = (request.method, _quoted(path), query, lines, claim.names, digest)
    digest = hashlib.sha256("\n".join(parts).encode("latin-1")).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{claim.scope}\n{digest}".encode()
    right = hmac.digest(_key(credentials.secret_access_key, claim.scope), to_sign, "sha256").hex()
    return hmac.compare_digest(right.encode(), signature.encode("latin-1"))


@lru_cache(maxsize=64)
def _claim(text: str) -> _Claim | None:
    given = _AUTHORIZATION.fullmatch(text)
    if given is None:
        return None
    names = given["names"]
    return _Claim(given["key"], given["scope"], given["day"], names, tuple(names.split(";")))


def _is_recent(stamp: str, *, now: datetime) -> bool:
    signed_at = _time(stamp)
    return signed_at is not None and abs(now - signed_at) <= VALID_FOR


@lru_cache(maxsize=64)
def _time(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _quoted(path: str) -> str:
    return quote(path, safe="/~")


@lru_cache(maxsize=8)
def _key(secret: str, scope: str) -> bytes:
    """Of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
