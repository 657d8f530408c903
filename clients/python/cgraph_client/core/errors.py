"""Errors as types, so that a program writes `except NotFound` and compares no texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class CGraphError(Exception):
    """The base class of all errors of this package.

    `is_transient`: the same request may succeed later, unchanged. `retry_after`: seconds to wait
    before that, None where the server named no time.
    """

    is_transient = False
    retry_after: float | None = None


class Unreachable(CGraphError):
    """No answer came. The server may or may not have processed the request."""

    is_transient = True


class ProtocolError(CGraphError):
    """The server sent something that this client cannot parse."""


class ApiError(CGraphError):
    """The server refused a request. `code` is stable and for programs, `message` is a sentence for
    people. `document` is the whole problem document (RFC 9457), or the error of an `ack` frame.
    """

    def __init__(
        self,
        code: str,
        *,
        status: int,
        message: str,
        retry_after: float | None = None,
        document: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.code = code
        self.status = status
        self.message = message
        self.retry_after = retry_after
        self.document = dict(document or {})
        self.is_transient = status in {408, 425, 429} or status >= 500


class StorageError(CGraphError):
    """The storage of the files refused one, or did not give one. `code` is the storage's own, such
    as `EntityTooLarge`; `status` is the one of HTTP."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"the storage answered {status} {code}")
        self.status = status
        self.code = code
        self.is_transient = status in {408, 429} or status >= 500


class UploadRefused(CGraphError):
    """The server looked at the file and does not take it. `reason` is its code for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the file was refused: {reason}")
        self.reason = reason


class Invalid(ApiError):
    """400, 413, 422: the request is not valid."""


class Unauthenticated(ApiError):
    """401: there is no session, or it has ended."""


class Forbidden(ApiError):
    """403: the caller may not do this."""


class NotFound(ApiError):
    """404: it does not exist, or the caller may not know that it does."""


class Conflict(ApiError):
    """409: for example a nonce used with another body, or a username that is taken."""


class RateLimited(ApiError):
    """429: `retry_after` says when to try again."""


class ServerError(ApiError):
    """5xx: the server failed."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: Invalid,
    422: Invalid,
    429: RateLimited,
}


def new_api_error(document: Mapping[str, Any], *, status: int, retry_after: str = "") -> ApiError:
    """Makes the error that fits the status from a problem document or the error of an `ack` frame.
    `retry_after` is the value of the HTTP header."""
    error_class = _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
    message = document.get("detail") or document.get("message") or document.get("title")
    return error_class(
        str(document.get("code") or f"http_{status}"),
        status=status,
        message=str(message or "no reason given"),
        retry_after=_parse_retry_after(document, header=retry_after),
        document=document,
    )


def _parse_retry_after(document: Mapping[str, Any], *, header: str) -> float | None:
    milliseconds = document.get("retry_after_ms")
    if isinstance(milliseconds, int | float):
        return milliseconds / 1000
    try:
        return max(0.0, float(header))
    except ValueError:
        return None
