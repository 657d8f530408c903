"""GET /me/invitations"""

from cgraph.accounts.invitations import actions
from cgraph.accounts.invitations.models import Invitation
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/me/invitations", **json_page(Invitation))
async def list_invitations(
    caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """List the caller's invitations

    Newest first, also those that were used or whose time is over. The invitation itself is not
    shown again.
    """
    async with database.reading(caller) as tx:
        return await actions.list_invitations(tx, caller=caller, cursor=cursor, limit=limit)


handler = lambda_handler(app)
