"""DELETE /auth/sessions/{id}"""

from uuid import UUID

from cgraph.accounts.auth.sessions import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.OWN_ACCOUNT, limit=limits.WRITE)


@app.delete("/auth/sessions/{id}", status_code=204)
async def revoke_session(id: UUID, caller: CurrentUser) -> None:
    """Revoke a session

    Ends one of the caller's sessions: its tokens are refused and its sockets closed at once. It may
    be the session of the request.

    A session of another user, or one that has ended, is not found.
    """
    async with database.autocommit() as tx:
        await actions.revoke_session(tx, caller=caller, id=id)


handler = lambda_handler(app)
