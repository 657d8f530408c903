"""POST /auth/passkey"""

from cgraph.accounts.auth.models import NewSession
from cgraph.accounts.passkeys import actions
from cgraph.accounts.passkeys.models import PasskeyLogin
from cgraph.core import database, limits, policies
from cgraph.core.http import AdmittedSender, Device, lambda_handler, new_app
from cgraph.core.tokens import Kind

app = new_app(policies.ANYONE, limit=limits.LOG_IN, vouched_by=Kind.DEVICE)


@app.post("/auth/passkey")
async def log_in_with_passkey(
    login: PasskeyLogin, device: Device, sender: AdmittedSender
) -> NewSession:
    """Log in with a passkey

    Starts a session and returns its tokens and the user. The passkey says whose it is, and its
    authenticator has verified the user, so that no second factor is asked for.

    Refused, with the same answer, if the passkey is unknown, is of another site, was used for
    another challenge or one that was used before, or if its counter says that it was copied.
    """
    async with database.autocommit() as tx:
        return await actions.log_in_with_passkey(
            tx, response=login.response, device=device, sender=sender
        )


handler = lambda_handler(app)
