from cgraph.core.errors import Refusal


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


class UserNotFound(Refusal):
    status, code, title = 404, "user_not_found", "This user does not exist"


class SessionNotFound(Refusal):
    status, code, title = 404, "session_not_found", "The session does not exist, or it has ended"


class UsernameTaken(Refusal):
    status, code, title = 409, "username_taken", "Another account has this username"


class EmailTaken(Refusal):
    status, code, title = 409, "email_taken", "Another account has this e-mail address"


class TotpActive(Refusal):
    status, code, title = 409, "totp_active", "The second factor is active: remove it first"


class TotpNotSetUp(Refusal):
    status, code, title = (
        409,
        "totp_not_set_up",
        "The account has no second factor: set it up first",
    )


class InvalidBlock(Refusal):
    status, code, title = 422, "invalid_block", "Users cannot block themselves"
