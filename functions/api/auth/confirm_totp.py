"""POST /auth/totp/confirm"""

from cgraph.accounts.auth.second_factor import actions
from cgraph.accounts.auth.second_factor.models import BackupCodes, CodeEntry
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/auth/totp/confirm")
async def confirm_totp(entry: CodeEntry, caller: CurrentUser) -> BackupCodes:
    """From now on a log-in asks for a code. The backup codes are shown this once."""
    async with database.autocommit() as tx:
        return await actions.confirm_totp(tx, user_id=caller.id, code=entry.code)


handler = lambda_handler(app)
