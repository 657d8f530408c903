"""DELETE /me/invitations/{id}"""

from uuid import UUID

from cgraph.accounts.invitations import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.delete("/me/invitations/{id}", status_code=204)
async def revoke_invitation(id: UUID, caller: CurrentUser) -> None:
    """Revoke an invitation

    Nobody can register with it any more. One of another user, or one that was used, is not found.
    """
    async with database.autocommit() as tx:
        await actions.revoke_invitation(tx, caller=caller, id=id)


handler = lambda_handler(app)
