"""POST /auth/logout"""

from cgraph.accounts.auth.sessions import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.OWN_ACCOUNT, limit=limits.WRITE)


@app.post("/auth/logout", status_code=204)
async def log_out(caller: CurrentUser) -> None:
    """Log out

    Ends the session of the request: its access token and its refresh token are refused and its
    sockets closed at once.
    """
    async with database.autocommit() as tx:
        await actions.log_out(tx, caller=caller)


handler = lambda_handler(app)
