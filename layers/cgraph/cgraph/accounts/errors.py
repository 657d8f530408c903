from cgraph.core.errors import Refusal


class InvalidCredentials(Refusal):
    status, code, title = 401, "invalid_credentials", "The login or the password is wrong"


class SecondFactorRequired(Refusal):
    status, code, title = (
        401,
        "second_factor_required",
        "This account asks for a code too: send it as code",
    )


class InvalidCode(Refusal):
    status, code, title = 401, "invalid_code", "The code is wrong, too old or was used before"


class RefreshTokenReused(Refusal):
    status, code, title = (
        401,
        "refresh_token_reused",
        "The refresh token was used before: log in again",
    )


class Blocked(Refusal):
    status, code, title = 403, "blocked", "One of you has blocked the other"


class UserNotFound(Refusal):
    status, code, title = 404, "user_not_found", "There is no such person"


class SessionNotFound(Refusal):
    status, code, title = 404, "session_not_found", "There is no such session, or it has ended"


class UsernameTaken(Refusal):
    status, code, title = 409, "username_taken", "That username is taken"


class EmailTaken(Refusal):
    status, code, title = 409, "email_taken", "That e-mail address is in use"


class TotpActive(Refusal):
    status, code, title = 409, "totp_active", "The second factor is active: remove it first"


class TotpNotSetUp(Refusal):
    status, code, title = 409, "totp_not_set_up", "There is no second factor for this: set it up"


class InvalidBlock(Refusal):
    status, code, title = 422, "invalid_block", "Nobody blocks themselves"
