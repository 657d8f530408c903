"""DELETE /me/tokens/{id}"""

from uuid import UUID

from cgraph.accounts.api_tokens import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.delete("/me/tokens/{id}", status_code=204)
async def delete_api_token(id: UUID, caller: CurrentUser) -> None:
    """Delete an API token

    It is refused from now on, and sockets that were opened with it are closed at once. A token of
    another user is not found.
    """
    async with database.autocommit() as tx:
        await actions.delete_api_token(tx, caller=caller, id=id)


handler = lambda_handler(app)
