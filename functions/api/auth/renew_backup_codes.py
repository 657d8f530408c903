"""POST /auth/totp/backup-codes"""

from cgraph.accounts.auth.second_factor import actions
from cgraph.accounts.auth.second_factor.models import BackupCodes, BackupCodesRenewal
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/auth/totp/backup-codes")
async def renew_backup_codes(renewal: BackupCodesRenewal, caller: CurrentUser) -> BackupCodes:
    """Renew the backup codes

    Takes the password, and a code of the authenticator app or a backup code. Returns ten new backup
    codes, which are shown only once; all earlier ones are refused from now on.

    Refused if no second factor is active, and if the password or the code is wrong. Wrong attempts
    are limited for each session: ten, then one in ten minutes.
    """
    async with database.transaction() as tx:
        return await actions.renew_backup_codes(tx, caller=caller, renewal=renewal)


handler = lambda_handler(app)
