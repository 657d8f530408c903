"""GET /me/tokens"""

from cgraph.accounts.api_tokens import actions
from cgraph.accounts.api_tokens.models import ApiToken
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_page, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/me/tokens", **json_page(ApiToken))
async def list_api_tokens(caller: CurrentUser) -> str:
    """List the caller's API tokens

    Returns all that have not expired, at most 20, newest first, without their secrets. `next` is
    always null.
    """
    async with database.reading(caller) as tx:
        return await actions.list_api_tokens(tx, caller=caller)


handler = lambda_handler(app)
