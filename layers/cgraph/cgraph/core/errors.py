"""The vocabulary of refusals: each has a stable code and a status, and is rendered in one place a
transport.
"""

from typing import ClassVar


class Refusal(Exception):
    """The system says no, and why. `code` is part of the API and never changes."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "Bad request"

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.retry_after = retry_after


class MalformedBody(Refusal):
    code, title = "malformed_body", "The body is not JSON in UTF-8"


class InvalidCursor(Refusal):
    code, title = "invalid_cursor", "The cursor is not one this list gave"


class CursorExpired(Refusal):
    code, title = "cursor_expired", "The cursor is too old: begin the list anew"


class ValidationFailed(Refusal):
    """`errors`: one {"field", "code", "message"} for each thing wrong."""

    status, code, title = 422, "validation_failed", "Some fields are not valid"

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{error['field']}: {error['message']}" for error in errors))
        self.errors = errors


class AuthenticationRequired(Refusal):
    status, code, title = 401, "authentication_required", "Send Authorization: Bearer <token>"


class InvalidToken(Refusal):
    status, code, title = 401, "invalid_token", "The token is not valid"


class TokenExpired(Refusal):
    status, code, title = 401, "token_expired", "The token has expired: refresh it"


class NotFound(Refusal):
    status, code, title = 404, "not_found", "There is nothing here"


class NotAllowed(Refusal):
    status, code, title = 403, "not_allowed", "You may see this, but not do that"


class MemberNotFound(Refusal):
    status, code, title = 404, "member_not_found", "They are not in this conversation"


class MethodNotAllowed(Refusal):
    status, code, title = 405, "method_not_allowed", "This method is not allowed here"


class OwnershipTransferRequired(Refusal):
    status, code, title = 409, "ownership_transfer_required", "Make somebody else the owner first"


class NonceConflict(Refusal):
    status, code, title = 409, "nonce_conflict", "That nonce was used with another body"


class StaleVersion(Refusal):
    status, code, title = 409, "stale_version", "The message has been edited since that version"


class RateLimited(Refusal):
    status, code, title = 429, "rate_limited", "Too many requests"


class ReadOnly(Refusal):
    status, code, title = 503, "read_only", "The system takes no writes for the moment"


class DatabaseUnavailable(Refusal):
    status, code, title = 503, "database_unavailable", "The database does not answer: try again"


class InternalError(Refusal):
    """Ours, not the caller's: the log has what happened under the correlation id."""

    status, code, title = 500, "internal_error", "Something went wrong on our side"
