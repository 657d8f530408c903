"""POST /auth/password"""

from cgraph.accounts.auth import actions
from cgraph.accounts.auth.models import PasswordChange
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.OWN_ACCOUNT, limit=limits.WRITE)


@app.post("/auth/password", status_code=204)
async def change_password(change: PasswordChange, caller: CurrentUser) -> None:
    """Change the caller's password

    All other sessions of the caller end, and all API tokens: they are refused and their sockets
    closed at once. The session of the request goes on.

    A wrong current password is refused. Wrong attempts are limited for each session: ten, then one
    in ten minutes.
    """
    async with database.autocommit() as tx:
        await actions.change_password(tx, caller=caller, change=change)


handler = lambda_handler(app)
