"""POST /auth/password/reset"""

from cgraph.accounts.recovery import actions
from cgraph.accounts.recovery.models import PasswordReset
from cgraph.core import database, limits, policies
from cgraph.core.http import lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.LOG_IN)


@app.post("/auth/password/reset", status_code=204)
async def reset_password(reset: PasswordReset) -> None:
    """Reset a password with the token of the mail

    All sessions end: their tokens are refused and their sockets closed at once. Nobody is logged
    in: a log-in with the new password asks for the second factor as before. The address gets a
    mail.

    The token also verifies the address. If it was not verified before, somebody else may have
    registered it: a second factor that was added until then is removed.

    Refused if the token was used, or is too old, and if the password is too easy to guess.
    """
    async with database.autocommit() as tx:
        await actions.reset_password(tx, reset=reset)


handler = lambda_handler(app)
