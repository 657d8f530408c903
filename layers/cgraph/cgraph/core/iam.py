"""AWS Signature Version 4 without boto3: signed requests, and tokens in place of passwords.

A token is a presigned URL without its scheme, valid for 15 minutes: enough to open a connection to
RDS Proxy or ElastiCache, which then stays open. Everything here raises CredentialsUnavailable where
the runtime gives no credentials.
"""

import hashlib
import hmac
import os
import re
import ssl
import time
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode

from cgraph.core import credentials

ALGORITHM = "AWS4-HMAC-SHA256"
LIFE_SECONDS = 900

_NO_BODY = hashlib.sha256(b"").hexdigest()

_ENCODED = re.compile(r"[A-Za-z0-9_.~%-]*")
"""A part of a path of which `quote` would change the % only."""


def database_token(*, host: str, port: int, user: str) -> str:
    """The password with which `user` opens a connection to RDS Proxy."""
    return presign("rds-db", host=f"{host}:{port}", query={"Action": "connect", "DBUser": user})


def database_credentials(*, host: str, port: int, user: str) -> dict[str, str]:
    """Parameters of libpq: a new token, and verification against the system's certificate
    authorities.
    """
    return {
        "password": database_token(host=host, port=port, user=user),
        "sslmode": "verify-full",
        "sslrootcert": ssl.get_default_verify_paths().cafile or "system",
    }


def cache_token(*, cache: str, user: str) -> str:
    """The password with which `user` opens a connection to the serverless cache of this name."""
    query = {"Action": "connect", "User": user, "ResourceType": "ServerlessCache"}
    return presign("elasticache", host=cache, query=query)


def presign(service: str, *, host: str, query: dict[str, str], at: datetime | None = None) -> str:
    """`host/?query` signed by AWS Signature Version 4 with the function's own credentials."""
    keys, stamp = credentials.current(), _stamp(at)
    signed = {
        **query,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{keys.access_key_id}/{_scope(stamp, service)}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(LIFE_SECONDS),
        "X-Amz-SignedHeaders": "host",
    }
    if keys.session_token:
        signed["X-Amz-Security-Token"] = keys.session_token
    query_text = urlencode(sorted(signed.items()), quote_via=quote, safe="-_.~")
    request = f"GET\n/\n{query_text}\nhost:{host}\n\nhost\n{_NO_BODY}"
    signature = _signature(request, keys.secret_access_key, stamp=stamp, service=service)
    return f"{host}/?{query_text}&X-Amz-Signature={signature}"


def signed_headers(
    service: str,
    *,
    method: str = "POST",
    host: str,
    path: str = "/",
    query: str = "",
    headers: dict[str, str],
    body: bytes,
    at: datetime | None = None,
) -> dict[str, str]:
    """Those of a request with this body: the given ones, in lower case, and what signs them all.

    `path`: as it is sent; what is percent-encoded in it is signed encoded once more. `query`: as it
    is sent, without the question mark.
    """
    keys, stamp = credentials.current(), _stamp(at)
    signed = {**headers, "host": host, "x-amz-date": stamp}
    if keys.session_token:
        signed["x-amz-security-token"] = keys.session_token
    names = sorted(signed)
    lines = "".join(f"{name}:{signed[name]}\n" for name in names)
    digest = _digest(body)
    request = f"{method}\n{quote(path)}\n{_canonical(query)}\n{lines}\n{';'.join(names)}\n{digest}"
    signature = _signature(request, keys.secret_access_key, stamp=stamp, service=service)
    credential = f"{keys.access_key_id}/{_scope(stamp, service)}"
    signed["authorization"] = (
        f"{ALGORITHM} Credential={credential}, SignedHeaders={';'.join(names)}, "
        f"Signature={signature}"
    )
    return signed


class Signer:
    """Signs many small requests to one host: what they have in common is made once a second."""

    def __init__(self, service: str, *, host: str) -> None:
        self._service = service
        self._host = host
        self._second = 0
        self._lines = self._canonical = self._to_sign = ""
        self._key = b""

    def header_lines(
        self, method: str, path: str, body: bytes, *, at: datetime | None = None
    ) -> str:
        """Of a request without any other headers to sign. `path`: as for `signed_headers`."""
        second = int(at.timestamp() if at else time.time())
        if second != self._second:
            self._begin(datetime.fromtimestamp(second, UTC))
            self._second = second
        request = f"{method}\n{_quoted(path)}\n\n{self._canonical}\n{_digest(body)}"
        to_sign = self._to_sign + hashlib.sha256(request.encode()).hexdigest()
        signature = hmac.digest(self._key, to_sign.encode(), "sha256").hex()
        return f"{self._lines}{signature}\r\n"

    def _begin(self, at: datetime) -> None:
        keys, stamp = credentials.current(), _stamp(at)
        signed = {"host": self._host, "x-amz-date": stamp}
        if keys.session_token:
            signed["x-amz-security-token"] = keys.session_token
        names = ";".join(sorted(signed))
        scope = _scope(stamp, self._service)
        self._canonical = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
        self._canonical += f"\n{names}"
        self._to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n"
        self._key = _key(keys.secret_access_key, scope)
        self._lines = "".join(f"{name}: {text}\r\n" for name, text in signed.items())
        self._lines += (
            f"authorization: {ALGORITHM} Credential={keys.access_key_id}/{scope}, "
            f"SignedHeaders={names}, Signature="
        )


def _canonical(query: str) -> str:
    """The parameters by name, encoded as AWS encodes them: a space is %20, not +."""
    if not query:
        return ""
    encoded = sorted(
        (quote(name, safe="-_.~"), quote(text, safe="-_.~"))
        for name, text in parse_qsl(query, keep_blank_values=True)
    )
    return "&".join(f"{name}={text}" for name, text in encoded)


def _stamp(at: datetime | None) -> str:
    return (at or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")


def _scope(stamp: str, service: str) -> str:
    return f"{stamp[:8]}/{os.environ['AWS_REGION']}/{service}/aws4_request"


def _signature(request: str, secret: str, *, stamp: str, service: str) -> str:
    scope = _scope(stamp, service)
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}"
    key = _key(secret, scope)
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


@lru_cache(maxsize=32)
def _digest(body: bytes) -> str:
    """A frame goes to hundreds of sockets."""
    return hashlib.sha256(body).hexdigest()


@lru_cache(maxsize=4096)
def _quoted(path: str) -> str:
    """As `quote`, which takes twenty times as long for what a socket's path ends with."""
    folder, slash, name = path.rpartition("/")
    if not _ENCODED.fullmatch(name):
        return quote(path)
    return f"{_quoted_folder(folder)}{slash}{name.replace('%', '%25')}"


_quoted_folder = lru_cache(maxsize=8)(quote)


@lru_cache(maxsize=8)
def _key(secret: str, scope: str) -> bytes:
    """Of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
