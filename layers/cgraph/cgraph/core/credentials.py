"""The credentials of the function's role, from whatever the runtime gives.

Most environments have them in variables, which stay the same as long as the environment lives.
Environments that SnapStart restores have none: an endpoint on the same host gives credentials that
expire (the container credential provider of AWS's SDKs). boto3 knows both, for 300 ms of import.
"""

import json
import os
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from urllib.parse import urlsplit

from cgraph.core import metrics
from cgraph.core.log import logger

REFRESH_SECONDS = 300
"""Before they expire: while the endpoint does not answer, the old ones are good for so long."""

MIN_USE_SECONDS = 60
"""Credentials that expire soon are fetched no more often than this."""

LIFE_SECONDS = 900
"""Of credentials for which the endpoint names no expiration."""

TIMEOUT_SECONDS = 1
ATTEMPTS = 2
PAUSE_SECONDS, PAUSE_WHILE_VALID_SECONDS = 1, 30
"""After a failure nobody asks the endpoint for this long."""

CONTAINER_HOST = "http://169.254.170.2"
"""What AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is relative to."""

LOCAL_ADDRESSES = ("127.", "169.254.")
LOCAL_HOSTS = ("localhost", "::1", "fd00:ec2::23")


class CredentialsUnavailable(OSError):
    """There are none, or none that are still valid. An OSError, so that the callers of Valkey, SQS
    and API Gateway handle it like a service that does not answer.
    """


@dataclass(frozen=True, slots=True)
class Credentials:
    """`refresh_at`, `expires_at`: seconds since the epoch."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(repr=False)
    refresh_at: float = inf
    expires_at: float = inf


_lock = threading.Lock()
_fetched: Credentials | None = None
_pause_until = 0.0
_failure = ""


def current() -> Credentials:
    """Raises CredentialsUnavailable. Where several threads need new ones, one fetches them."""
    if key := os.environ.get("AWS_ACCESS_KEY_ID"):
        secret = os.environ["AWS_SECRET_ACCESS_KEY"]
        return Credentials(key, secret, os.environ.get("AWS_SESSION_TOKEN") or None)
    if _fetched is not None and time.time() < _fetched.refresh_at:
        return _fetched
    with _lock:
        if _fetched is not None and time.time() < _fetched.refresh_at:
            return _fetched
        return _refresh()


def reset() -> None:
    """Drops the credentials of another environment: the next signature fetches new ones."""
    global _fetched, _pause_until
    _fetched, _pause_until = None, 0.0


def _refresh() -> Credentials:
    global _fetched, _pause_until, _failure
    if time.time() >= _pause_until:
        try:
            _fetched = _fetch()
            return _fetched
        except CredentialsUnavailable as error:
            _failure = str(error)
            metrics.count("credentials.failed")
            logger.error("credentials_fetch_failed", extra={"reason": _failure})
        pause = PAUSE_WHILE_VALID_SECONDS if _are_valid(_fetched) else PAUSE_SECONDS
        _pause_until = time.time() + pause
    if _fetched is not None and _are_valid(_fetched):
        return _fetched
    raise CredentialsUnavailable(_failure)


def _are_valid(credentials: Credentials | None) -> bool:
    return credentials is not None and time.time() < credentials.expires_at


def _fetch() -> Credentials:
    """From the endpoint. Raises CredentialsUnavailable."""
    from http.client import HTTPException

    url, headers = _endpoint(), _authorization()
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            status, body = _get(url, headers)
        except (OSError, HTTPException) as error:
            reason = repr(error)
            continue
        if status == 200:
            return _parse(body)
        reason = f"{status} {body[:200].decode(errors='replace')}"
        if status < 500:
            break
    raise CredentialsUnavailable(f"{url} gives no credentials: {reason}")


def _endpoint() -> str:
    """Raises CredentialsUnavailable: the token is sent in the clear, so never off this host."""
    if path := os.environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        return CONTAINER_HOST + path
    url = os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    if not url:
        raise CredentialsUnavailable(
            "neither AWS_ACCESS_KEY_ID nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set"
        )
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_local = host in LOCAL_HOSTS or host.startswith(LOCAL_ADDRESSES)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise CredentialsUnavailable(f"{url} is neither HTTPS nor an address of this host")
    return url


def _authorization() -> dict[str, str]:
    """The file is read each time, because its token may be a new one. Raises
    CredentialsUnavailable.
    """
    token = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
    if file := os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
        try:
            with open(file) as text:  # noqa: PTH123 - pathlib costs 5 ms of import
                token = text.read()
        except OSError as error:
            raise CredentialsUnavailable(f"the token cannot be read: {error}") from error
    if "\r" in token or "\n" in token:
        raise CredentialsUnavailable("the authorization token has a line break")
    return {"Authorization": token} if token else {}


def _get(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    from http.client import HTTPConnection, HTTPSConnection

    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request("GET", target, headers={"Accept": "application/json", **headers})
        with connection.getresponse() as response:
            return response.status, response.read()
    finally:
        connection.close()


def _parse(body: bytes) -> Credentials:
    """Raises CredentialsUnavailable, which never shows the body: it has the secret."""
    now = time.time()
    try:
        document = json.loads(body)
        expiration = document.get("Expiration")
        expires_at = datetime.fromisoformat(expiration).timestamp() if expiration else None
        key, secret = document["AccessKeyId"], document["SecretAccessKey"]
        token = document.get("Token")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        kind = type(error).__name__
        raise CredentialsUnavailable(f"the answer is no credentials document ({kind})") from None
    if not all(isinstance(part, str) and part for part in (key, secret)):
        raise CredentialsUnavailable("the answer has no key")
    until = now + LIFE_SECONDS if expires_at is None else expires_at
    if until <= now:
        raise CredentialsUnavailable(f"the answer has credentials that expired at {expiration}")
    refresh_at = min(until, max(until - REFRESH_SECONDS, now + MIN_USE_SECONDS))
    return Credentials(key, secret, token or None, refresh_at, until)
