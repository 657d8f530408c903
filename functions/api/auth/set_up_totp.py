"""POST /auth/totp"""

from cgraph.accounts.auth.second_factor import actions
from cgraph.accounts.auth.second_factor.models import TotpSecret, TotpSetUp
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/auth/totp")
async def set_up_totp(request: TotpSetUp, caller: CurrentUser) -> TotpSecret:
    """Set up a second factor

    Returns a secret for an authenticator app (TOTP, RFC 6238: six digits, 30 seconds). The second
    factor is active once `POST /auth/totp/confirm` has confirmed it with a code; until then it may
    be set up again, which replaces the secret.

    Refused if a second factor is active, and if the password is wrong. Wrong attempts are
    limited for each session: ten, then one in ten minutes.
    """
    async with database.autocommit() as tx:
        return await actions.set_up_totp(tx, caller=caller, password=request.password)


handler = lambda_handler(app)
