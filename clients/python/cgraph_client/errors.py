"""What can go wrong, as types: `except NotFound`, never a comparison of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class CGraphError(Exception):
    """The root of all errors of this package.

    `is_passing` tells whether the same request may succeed later, unchanged; `retry_after` is in
    seconds, None when the server named no time.
    """

    is_passing = False
    retry_after: float | None = None


class Unreachable(CGraphError):
    """No answer came, so what was asked may or may not have happened."""

    is_passing = True


class ProtocolError(CGraphError):
    """The server answered with something this client cannot understand."""


class ApiError(CGraphError):
    """A refusal: `code` is the stable word for programs, `message` the sentence for people.

    `document` is the whole problem document (RFC 9457), or the error of an acknowledgement.
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
        self.is_passing = status in {408, 425, 429} or status >= 500


class Invalid(ApiError):
    """400, 413, 422: the request itself is wrong."""


class Unauthenticated(ApiError):
    """401: no session, or one that has ended."""


class Forbidden(ApiError):
    """403."""


class NotFound(ApiError):
    """404: not there, or not for this person to know."""


class Conflict(ApiError):
    """409: a nonce used with another body, a name that is taken."""


class RateLimited(ApiError):
    """429: `retry_after` says when to come back."""


class ServerFailed(ApiError):
    """5xx."""


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
    """An error from a problem document or an acknowledgement; `retry_after` is the HTTP header."""
    kind = _BY_STATUS.get(status, ServerFailed if status >= 500 else ApiError)
    message = document.get("detail") or document.get("message") or document.get("title")
    return kind(
        str(document.get("code") or f"http_{status}"),
        status=status,
        message=str(message or "no reason given"),
        retry_after=_read_retry_after(document, header=retry_after),
        document=document,
    )


def _read_retry_after(document: Mapping[str, Any], *, header: str) -> float | None:
    milliseconds = document.get("retry_after_ms")
    if isinstance(milliseconds, int | float):
        return milliseconds / 1000
    try:
        return max(0.0, float(header))
    except ValueError:
        return None
