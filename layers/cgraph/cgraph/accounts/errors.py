from cgraph.core.errors import Refusal, ValidationFailed


class InvalidCredentials(Refusal):
    """The same for an unknown login and for a wrong password, so that nobody can find out which
    accounts exist.
    """

    status, code, title = 401, "invalid_credentials", "The login or the password is wrong"


class SecondFactorRequired(Refusal):
    """The password was right; repeat the log-in with `code` or `passkey`."""

    status, code, title = (
        401,
        "second_factor_required",
        "This account has a second factor: send its code in the field `code`, or a `passkey`",
    )


class InvalidCode(Refusal):
    status, code, title = 401, "invalid_code", "The code is wrong, too old or was used before"


class FreshLoginRequired(Refusal):
    """The route changes who may use the account, and the log-in was more than five minutes ago:
    confirm the session with `POST /auth/confirm`, and repeat the request.
    """

    status, code, title = (
        403,
        "fresh_login_required",
        "Confirm the session first: the last log-in was more than five minutes ago",
    )


class InvalidPasskey(Refusal):
    """The passkey is unknown, was made for another site or for another challenge, or its signature
    is wrong. A challenge is good for one attempt within five minutes: fetch options again.
    """

    status, code, title = 401, "invalid_passkey", "The passkey does not prove who you are"


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


class ApiTokenNotFound(Refusal):
    status, code, title = 404, "api_token_not_found", "The API token does not exist"


class PasskeyNotFound(Refusal):
    status, code, title = 404, "passkey_not_found", "The passkey does not exist"


class PasskeysNotAvailable(Refusal):
    """The installation has no domain for passkeys."""

    status, code, title = 404, "passkeys_not_available", "This installation takes no passkeys"


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


class TooManyApiTokens(Refusal):
    status, code, title = 409, "too_many_api_tokens", "The account has 20 API tokens: delete one"


class PasskeyExists(Refusal):
    status, code, title = 409, "passkey_exists", "The passkey is registered already"


class TooManyPasskeys(Refusal):
    status, code, title = 409, "too_many_passkeys", "The account has 20 passkeys: delete one"


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


class PasskeysUnavailable(Refusal):
    status, code, title = 503, "passkeys_unavailable", "Passkeys cannot be checked: try again"
