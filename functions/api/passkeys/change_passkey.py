"""PATCH /me/passkeys/{id}"""

from uuid import UUID

from cgraph.accounts.passkeys import actions
from cgraph.accounts.passkeys.models import Passkey, PasskeyChange
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.patch("/me/passkeys/{id}", **json_body(Passkey))
async def change_passkey(id: UUID, change: PasskeyChange, caller: CurrentUser) -> str:
    """Change a passkey

    Renames it, or makes it a second factor or none any more; the latter is refused if the log-in
    was more than five minutes ago. A passkey of another user is not found.
    """
    async with database.autocommit() as tx:
        return await actions.change_passkey(tx, caller=caller, id=id, change=change)


handler = lambda_handler(app)
