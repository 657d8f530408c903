"""GET /me/passkeys"""

from cgraph.accounts.passkeys import actions
from cgraph.accounts.passkeys.models import Passkey
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_page, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/me/passkeys", **json_page(Passkey))
async def list_passkeys(caller: CurrentUser) -> str:
    """List the caller's passkeys

    Returns all, at most 20, newest first. `next` is always null.
    """
    async with database.reading(caller) as tx:
        return await actions.list_passkeys(tx, caller=caller)


handler = lambda_handler(app)
