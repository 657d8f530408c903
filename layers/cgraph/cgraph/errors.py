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


class MalformedFrame(Refusal):
    code, title = "malformed_frame", "The frame is not a JSON object with an action"


class UnknownAction(Refusal):
    status, code, title = 404, "unknown_action", "There is no such action"


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


class InvalidCredentials(Refusal):
    status, code, title = 401, "invalid_credentials", "The login or the password is wrong"


class CodeRequired(Refusal):
    status, code, title = 401, "code_required", "This account asks for a code too: send it as code"


class InvalidCode(Refusal):
    status, code, title = 401, "invalid_code", "The code is wrong, too old or was used before"


class RefreshReused(Refusal):
    status, code, title = 401, "refresh_reused", "The refresh token was used before: log in again"


class NotFound(Refusal):
    status, code, title = 404, "not_found", "There is nothing here"


class NotAllowed(Refusal):
    status, code, title = 403, "not_allowed", "You may see this, but not do that"


class EditWindowOver(Refusal):
    status, code, title = 403, "edit_window_over", "The message is too old to be edited"


class DeleteWindowOver(Refusal):
    status, code, title = 403, "delete_window_over", "The message is too old to be deleted by you"


class Blocked(Refusal):
    status, code, title = 403, "blocked", "One of you has blocked the other"


class OwnVote(Refusal):
    status, code, title = 403, "own_vote", "Nobody votes for what they wrote themselves"


class NotSubscribed(Refusal):
    status, code, title = 403, "not_subscribed", "Subscribe to the stream first"


class UserNotFound(Refusal):
    status, code, title = 404, "user_not_found", "There is no such person"


class SessionNotFound(Refusal):
    status, code, title = 404, "session_not_found", "There is no such session, or it has ended"


class ConversationNotFound(Refusal):
    status, code, title = 404, "conversation_not_found", "There is no such conversation"


class MessageNotFound(Refusal):
    status, code, title = 404, "message_not_found", "There is no such message"


class MemberNotFound(Refusal):
    status, code, title = 404, "member_not_found", "They are not in this conversation"


class ForumNotFound(Refusal):
    status, code, title = 404, "forum_not_found", "There is no such forum"


class PostNotFound(Refusal):
    status, code, title = 404, "post_not_found", "There is no such post"


class CommentNotFound(Refusal):
    status, code, title = 404, "comment_not_found", "There is no such comment"


class MethodNotAllowed(Refusal):
    status, code, title = 405, "method_not_allowed", "This method is not allowed here"


class UsernameTaken(Refusal):
    status, code, title = 409, "username_taken", "That username is taken"


class EmailTaken(Refusal):
    status, code, title = 409, "email_taken", "That e-mail address is in use"


class SlugTaken(Refusal):
    status, code, title = 409, "slug_taken", "That slug is taken"


class TotpActive(Refusal):
    status, code, title = 409, "totp_active", "The second factor is active: remove it first"


class TotpNotSetUp(Refusal):
    status, code, title = 409, "totp_not_set_up", "There is no second factor for this: set it up"


class HandOverFirst(Refusal):
    status, code, title = 409, "hand_over_first", "Make somebody else the owner first"


class NonceConflict(Refusal):
    status, code, title = 409, "nonce_conflict", "That nonce was used with another body"


class StaleVersion(Refusal):
    status, code, title = 409, "stale_version", "The message has been edited since that version"


class MessageDeleted(Refusal):
    status, code, title = 409, "message_deleted", "The message has been deleted"


class PostDeleted(Refusal):
    status, code, title = 409, "post_deleted", "The post has been deleted or removed"


class PostLocked(Refusal):
    status, code, title = 409, "post_locked", "The post takes no more comments"


class PollClosed(Refusal):
    status, code, title = 409, "poll_closed", "The poll is closed"


class PostMoved(Refusal):
    status, code, title = 409, "post_moved", "The post was moved just now: try again"


class UnknownReply(Refusal):
    status, code, title = 422, "unknown_reply", "The message replied to is not in this conversation"


class UnknownComment(Refusal):
    status, code, title = 422, "unknown_comment", "There is no such comment under this post"


class TooManyReactions(Refusal):
    status, code, title = 422, "too_many_reactions", "The message has all the reactions it can have"


class TooManyPins(Refusal):
    status, code, title = 422, "too_many_pins", "The conversation has all the pins it can have"


class TooManyPinnedPosts(Refusal):
    status, code, title = 422, "too_many_pinned_posts", "No more posts can be pinned there"


class InvalidTags(Refusal):
    status, code, title = 422, "invalid_tags", "The tags do not fit the forum"


class InvalidChoices(Refusal):
    status, code, title = 422, "invalid_choices", "The choices do not fit the poll"


class TooManyStreams(Refusal):
    status, code, title = 422, "too_many_streams", "A socket has all the streams it can have"


class UnknownMembers(Refusal):
    status, code, title = 422, "unknown_members", "Some of the members do not exist"


class InvalidMembers(Refusal):
    status, code, title = 422, "invalid_members", "The members do not fit this kind of conversation"


class InvalidBlock(Refusal):
    status, code, title = 422, "invalid_block", "Nobody blocks themselves"


class CommentDeleted(Refusal):
    status, code, title = 409, "comment_deleted", "The comment has been deleted or removed"


class RateLimited(Refusal):
    status, code, title = 429, "rate_limited", "Too many requests"


class ReadOnly(Refusal):
    status, code, title = 503, "read_only", "The system takes no writes for the moment"


class DatabaseUnavailable(Refusal):
    status, code, title = 503, "database_unavailable", "The database does not answer: try again"


class RealtimeUnavailable(Refusal):
    status, code, title = 503, "realtime_unavailable", "Realtime does not answer: try again"


class InternalError(Refusal):
    """Ours, not the caller's: the log has what happened under the correlation id."""

    status, code, title = 500, "internal_error", "Something went wrong on our side"
