"""POST /auth/login"""

from cgraph.accounts.auth import actions
from cgraph.accounts.auth.models import Credentials, NewSession
from cgraph.core import database, limits, policies
from cgraph.core.http import Device, lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.REGISTER)


@app.post("/auth/login")
async def log_in(credentials: Credentials, device: Device) -> NewSession:
    """Log in

    Starts a session and returns its tokens and the user.

    A wrong password and an unknown login get the same answer. If the account has a second factor, a
    request without `code` is refused with `second_factor_required` once the password is right.
    Attempts are limited per account, whatever address they come from: ten, then one a minute, for
    passwords and for codes separately.
    """
    async with database.autocommit() as tx:
        return await actions.log_in(tx, credentials=credentials, device=device)


handler = lambda_handler(app)
