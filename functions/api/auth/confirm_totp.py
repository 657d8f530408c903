"""POST /auth/totp/confirm"""

from cgraph.accounts.auth.second_factor import actions
from cgraph.accounts.auth.second_factor.models import BackupCodes, TotpCode
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/auth/totp/confirm")
async def confirm_totp(entry: TotpCode, caller: CurrentUser) -> BackupCodes:
    """Confirm the second factor

    Takes a code of the authenticator app that has the secret of `POST /auth/totp`, and activates
    the second factor: from now on a log-in requires a code. Returns ten backup codes, which are
    shown only once. The caller's devices get `user.updated`.

    Refused if no secret was set up, if the second factor is already active, and if the code is
    wrong. Wrong attempts are limited for each session: ten, then one in ten minutes.
    """
    async with database.autocommit() as tx:
        return await actions.confirm_totp(tx, caller=caller, code=entry.code)


handler = lambda_handler(app)
