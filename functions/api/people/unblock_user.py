"""DELETE /me/blocks/{user_id}"""

from uuid import UUID

from cgraph.accounts.people.blocks import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE, scope="profile:write")


@app.delete("/me/blocks/{user_id}", status_code=204)
async def unblock_user(user_id: UUID, caller: CurrentUser) -> None:
    """Unblock a user

    Lifts the caller's block. The caller's devices get `block.removed`. Unless the other user has
    blocked the caller too, each sees typing, presence and read receipts of the other again. If the
    user was not blocked, nothing changes.
    """
    async with database.autocommit() as tx:
        await actions.unblock_user(tx, blocker=caller.id, user_id=user_id)


handler = lambda_handler(app)
