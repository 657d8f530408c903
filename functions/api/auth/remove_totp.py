"""POST /auth/totp/remove"""

from cgraph.accounts.auth.second_factor import actions
from cgraph.accounts.auth.second_factor.models import TotpCode
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/auth/totp/remove", status_code=204)
async def remove_totp(entry: TotpCode, caller: CurrentUser) -> None:
    """Remove the second factor

    Takes a code of the authenticator app or a backup code. From now on a log-in requires no code;
    the secret and all backup codes are deleted. The caller's devices get `user.updated`.

    Refused if no second factor is active, and if the code is wrong. Wrong attempts are
    limited for each session: ten, then one in ten minutes.
    """
    async with database.transaction() as tx:
        await actions.remove_totp(tx, caller=caller, code=entry.code)


handler = lambda_handler(app)
