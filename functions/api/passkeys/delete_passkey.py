"""DELETE /me/passkeys/{id}"""

from uuid import UUID

from cgraph.accounts.passkeys import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.delete("/me/passkeys/{id}", status_code=204)
async def delete_passkey(id: UUID, caller: CurrentUser) -> None:
    """Delete a passkey

    Nobody can log in with it any more; sessions that began with it go on.

    Refused if the log-in was more than five minutes ago. A passkey of another user is not found.
    """
    async with database.autocommit() as tx:
        await actions.delete_passkey(tx, caller=caller, id=id)


handler = lambda_handler(app)
