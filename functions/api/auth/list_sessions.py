"""GET /auth/sessions"""

from cgraph.accounts.auth.sessions import actions
from cgraph.accounts.auth.sessions.models import Session
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app

app = new_app(policies.OWN_ACCOUNT, limit=limits.READ)


@app.get("/auth/sessions", **json_page(Session))
async def list_sessions(
    caller: CurrentUser, limit: PageLimit = 50, cursor: PageCursor = None
) -> str:
    """List the caller's sessions

    Returns the sessions that have neither ended nor expired, newest first.
    """
    async with database.reading(caller) as tx:
        return await actions.list_sessions(tx, caller=caller, cursor=cursor, limit=limit)


handler = lambda_handler(app)
