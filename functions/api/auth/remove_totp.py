"""POST /auth/totp/remove"""

from cgraph.accounts.auth.second_factor import actions
from cgraph.accounts.auth.second_factor.models import CodeEntry
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/auth/totp/remove", status_code=204)
async def remove_totp(entry: CodeEntry, caller: CurrentUser) -> None:
    """Takes a code of the app or a backup code; none is asked for from now on."""
    async with database.transaction() as tx:
        await actions.remove_totp(tx, user_id=caller.id, code=entry.code)


handler = lambda_handler(app)
