"""DELETE /me/blocks/{user_id}"""

from uuid import UUID

from cgraph.accounts.people.blocks import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.delete("/me/blocks/{user_id}", status_code=204)
async def unblock_user(user_id: UUID, caller: CurrentUser) -> None:
    """As if one had never blocked them."""
    async with database.autocommit() as tx:
        await actions.unblock_user(tx, blocker=caller.id, user_id=user_id)


handler = lambda_handler(app)
