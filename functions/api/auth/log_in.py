"""POST /auth/login"""

from cgraph.accounts.auth import actions
from cgraph.accounts.auth.models import Credentials, NewSession
from cgraph.core import database, limits, policies
from cgraph.core.http import AdmittedSender, Device, lambda_handler, new_app
from cgraph.core.tokens import Kind

app = new_app(policies.ANYONE, limit=limits.LOG_IN, vouched_by=Kind.DEVICE)


@app.post("/auth/login")
async def log_in(credentials: Credentials, device: Device, sender: AdmittedSender) -> NewSession:
    """Log in

    Starts a session and returns its tokens and the user.

    A wrong password and an unknown login get the same answer. If the account has a second factor, a
    request without `code` is refused with `second_factor_required` once the password is right.
    Wrong attempts are limited, for passwords and for codes separately: ten, then one in ten
    minutes, for each device and each address. Addresses also share a budget, so that many of them
    do not guess more. With `device_token` the attempts of others do not count: a user is not locked
    out by somebody else, nor from an address of an earlier log-in.
    """
    async with database.autocommit() as tx:
        return await actions.log_in(tx, credentials=credentials, device=device, sender=sender)


handler = lambda_handler(app)
