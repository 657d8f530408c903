from cgraph.core.errors import Refusal, ValidationFailed


class InvalidCredentials(Refusal):
    """The same for an unknown login and for a wrong password, so that nobody can find out which
    accounts exist.
    """

    status, code, title = 401, "invalid_credentials", "The login or the password is wrong"


class SecondFactorRequired(Refusal):
    """The password was right; repeat the log-in with `code`."""

    status, code, title = (
        401,
        "second_factor_required",
        "This account has a second factor: send its code in the field `code`",
    )


class InvalidCode(Refusal):
    status, code, title = 401, "invalid_code", "The code is wrong, too old or was used before"


class RefreshTokenReused(Refusal):
    """The session has ended, because the token may have been stolen."""

    status, code, title = (
        401,
        "refresh_token_reused",
        "The refresh token was used before: log in again",
    )


class Blocked(Refusal):
    status, code, title = 403, "blocked", "One of the two users has blocked the other"


class NotReachable(Refusal):
    """The user lets only their contacts do this, or nobody."""

    status, code, title = 403, "not_reachable", "This user does not let you do this"


class UserNotFound(Refusal):
    status, code, title = 404, "user_not_found", "This user does not exist"


class SessionNotFound(Refusal):
    status, code, title = 404, "session_not_found", "The session does not exist, or it has ended"


class UsernameTaken(Refusal):
    status, code, title = 409, "username_taken", "Another account has this username"


class TooManyUsernames(Refusal):
    """The user keeps as many former usernames as one may, each for 90 days after the change."""

    status, code, title = (
        409,
        "too_many_usernames",
        "You have changed your username too often: change it later, or to a former one",
    )


class EmailTaken(Refusal):
    """Only those who read mail at the address learn it."""

    status, code, title = 409, "email_taken", "Another account has this e-mail address"


class TotpActive(Refusal):
    status, code, title = 409, "totp_active", "The second factor is active: remove it first"


class TotpNotSetUp(Refusal):
    status, code, title = (
        409,
        "totp_not_set_up",
        "The account has no second factor: set it up first",
    )


class EmailAlreadyVerified(Refusal):
    status, code, title = 409, "email_already_verified", "The e-mail address is verified"


class InvalidMailToken(Refusal):
    """It was used, its time is over, a newer one has replaced it, or it was sent for something
    else.
    """

    status, code, title = 403, "invalid_mail_token", "This link is not valid any more"


class InvalidInvitation(Refusal):
    """It does not exist, was used or revoked, or its time is over."""

    status, code, title = 403, "invalid_invitation", "This invitation is not valid"


class InvitationRequired(Refusal):
    status, code, title = (
        403,
        "invitation_required",
        "New accounts need an invitation: send it in the field `invitation`",
    )


class InvitationNotFound(Refusal):
    status, code, title = (
        404,
        "invitation_not_found",
        "The caller has no such invitation, or it was used",
    )


class TooManyInvitations(Refusal):
    status, code, title = (
        409,
        "too_many_invitations",
        "The caller has as many open invitations as an account may have",
    )


class MailNotConfigured(Refusal):
    """Nothing can be done by mail here; an operator can help."""

    on_purpose = True
    status, code, title = 501, "mail_not_configured", "This installation sends no mail"


class MailUnavailable(Refusal):
    """No mail was sent. Send the request again."""

    status, code, title = 503, "mail_unavailable", "No mail can be sent at the moment: try again"


class UsernameReserved(ValidationFailed):
    """Nobody may have it, because others would take it for an office, a group or a machine; nor may
    it differ from such a name only in `_`, `.` and `-`.
    """

    code, title = "username_reserved", "This username is reserved"

    def __init__(self) -> None:
        super().__init__([{"field": "username", "code": self.code, "message": "is reserved"}])


class WeakPassword(ValidationFailed):
    """It is the username, the e-mail address or the name in it, one character repeated, or one of
    the most common passwords.
    """

    code, title = "weak_password", "This password is too easy to guess"

    def __init__(self, field: str, message: str) -> None:
        super().__init__([{"field": field, "code": self.code, "message": message}])


class TooManyContactRequests(Refusal):
    status, code, title = (
        409,
        "too_many_contact_requests",
        "Too many of your requests wait for an answer: withdraw some first",
    )


class InvalidContact(Refusal):
    status, code, title = 422, "invalid_contact", "Users cannot be contacts of themselves"


class InvalidBlock(Refusal):
    status, code, title = 422, "invalid_block", "Users cannot block themselves"
