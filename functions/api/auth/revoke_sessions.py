"""DELETE /auth/sessions"""

from cgraph.accounts.auth import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.delete("/auth/sessions", status_code=204)
async def revoke_sessions(caller: CurrentUser, current: bool = False) -> None:
    """Ends all one's other sessions, and with `current` this one too."""
    async with database.autocommit() as tx:
        await actions.revoke_sessions(tx, caller=caller, current=current)


handler = lambda_handler(app)
