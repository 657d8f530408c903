"""POST /auth/logout"""

from cgraph.accounts.auth import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/auth/logout", status_code=204)
async def log_out(caller: CurrentUser) -> None:
    """Ends this session, its refresh token included."""
    async with database.autocommit() as tx:
        await actions.log_out(tx, caller=caller)


handler = lambda_handler(app)
