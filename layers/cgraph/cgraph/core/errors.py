"""The refusals of all rooms: each has a stable code and a status, and is rendered in one place for
each transport. The docstring of a class is published with its code in docs/api/errors.md.
"""

from typing import ClassVar

FieldError = dict[str, str]
"""`field`: its path, with dots. `code`: stable. `message`: for people."""


class Refusal(Exception):
    """Why a request is refused. `code` is part of the API and never changes."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "Bad request"
    on_purpose: ClassVar[bool] = False
    """A status of 5xx that an operator or a limit decided: no failure of the server."""

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.retry_after = retry_after

    @property
    def is_failure(self) -> bool:
        """Whether the server failed, so that alarms and canaries count the answer."""
        return self.status >= 500 and not self.on_purpose


class MalformedBody(Refusal):
    code, title = "malformed_body", "The body is not JSON in UTF-8"


class InvalidCursor(Refusal):
    """A cursor is valid only for the list that returned it, with the same filters, and for the same
    user. Start the list again without a cursor.
    """

    code, title = "invalid_cursor", "The cursor does not belong to this list"


class CursorExpired(Refusal):
    """The list was started too long ago. Start it again without a cursor."""

    code, title = "cursor_expired", "The cursor has expired"


class ValidationFailed(Refusal):
    """`errors` names each field that is not valid, and the rule that failed."""

    status, code, title = 422, "validation_failed", "Some fields are not valid"

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error['field']}: {error['message']}" for error in errors))
        self.errors = errors


class UnknownField(ValidationFailed):
    """`errors` names each field of the body, query parameter or key of a frame that does not exist,
    with the nearest name that does, and then all other fields that are not valid.
    """

    code, title = "unknown_field", "Some fields do not exist"


class AuthenticationRequired(Refusal):
    """The request has no access token, or the session of the socket has ended. Log in, and send the
    token.
    """

    status, code, title = 401, "authentication_required", "Send Authorization: Bearer <token>"


class InvalidToken(Refusal):
    """The token is unknown or was revoked. Log in again."""

    status, code, title = 401, "invalid_token", "The token is not valid"


class TokenExpired(Refusal):
    """Get a new pair with `POST /auth/refresh` and send the request again."""

    status, code, title = 401, "token_expired", "The access token has expired"


class NotFound(Refusal):
    status, code, title = 404, "not_found", "There is no such path"


class ScopeMissing(Refusal):
    """The request was made with an API token, and the token lacks the scope of the route. Routes of
    the account itself (log-in, password, sessions, tokens, devices) have a scope that no token
    gets: they need a session.
    """

    status, code, title = 403, "scope_missing", "The API token lacks the scope of this route"


class NotAllowed(Refusal):
    """The caller has access to the resource, but their role or its settings do not allow the
    request. `detail` says who may do it.
    """

    status, code, title = 403, "not_allowed", "The caller is not allowed to do this"


class EmailNotVerified(Refusal):
    """Until its address is verified, an account may read, and little else. Verify it with the code
    of the mail (`POST /me/email/verify`); `POST /me/email/verification` sends a new one.
    """

    status, code, title = 403, "email_not_verified", "Verify your e-mail address first"


class AccountNotApproved(Refusal):
    """New accounts wait until an operator approves them."""

    status, code, title = 403, "account_not_approved", "This account waits for its approval"


class EdgeRequired(Refusal):
    """The request did not come through the edge in front of the API. Use its public address."""

    status, code, title = 403, "edge_required", "The API is not called at this address"


class MemberNotFound(Refusal):
    status, code, title = 404, "member_not_found", "This user is not a member"


class MethodNotAllowed(Refusal):
    status, code, title = 405, "method_not_allowed", "This method is not allowed here"


class OwnershipTransferRequired(Refusal):
    """The owner cannot leave, be removed or lose the role. Make another member the owner first."""

    status, code, title = (
        409,
        "ownership_transfer_required",
        "The ownership must be transferred first",
    )


class NonceConflict(Refusal):
    """A nonce identifies one request: the same nonce with another body is a mistake of the client.
    Choose a new nonce for a new request.
    """

    status, code, title = 409, "nonce_conflict", "The nonce was used with another body"


class StaleVersion(Refusal):
    """The `version` in the request is not the current one. Fetch the resource and edit what it is
    now.
    """

    status, code, title = 409, "stale_version", "It has been edited since this version"


class RateLimited(Refusal):
    """Wait for the time in `Retry-After` or `retry_after_ms`, and send the request again."""

    status, code, title = 429, "rate_limited", "Too many requests"


class ReadOnly(Refusal):
    """Reads still work. Send the write again later."""

    on_purpose = True
    status, code, title = 503, "read_only", "The system is read-only at the moment"


class DatabaseUnavailable(Refusal):
    """Whether a write was done is not known. Send it again, with the same nonce if it has one."""

    status, code, title = 503, "database_unavailable", "The database does not answer: try again"


class InternalError(Refusal):
    """A fault of the server. Its log has the details under the response's `X-Correlation-Id`."""

    status, code, title = 500, "internal_error", "Something went wrong on our side"
