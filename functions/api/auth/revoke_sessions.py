"""DELETE /auth/sessions"""

from typing import Annotated

from fastapi import Query

from cgraph.accounts.auth.sessions import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.OWN_ACCOUNT, limit=limits.WRITE)


@app.delete("/auth/sessions", status_code=204)
async def revoke_sessions(
    caller: CurrentUser,
    current: Annotated[bool, Query(description="Also end the session of the request.")] = False,
) -> None:
    """Revoke the caller's other sessions

    Ends all sessions of the caller but the session of the request, and all API tokens: they are
    refused and their sockets closed at once. With `current=true` the session of the request ends
    too.
    """
    async with database.autocommit() as tx:
        await actions.revoke_sessions(tx, caller=caller, current=current)


handler = lambda_handler(app)
