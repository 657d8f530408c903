"""DELETE /me/contacts/{user_id}"""

from uuid import UUID

from cgraph.accounts.people.contacts import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE, scope="profile:write")


@app.delete("/me/contacts/{user_id}", status_code=204)
async def remove_contact(user_id: UUID, caller: CurrentUser) -> None:
    """End a contact, withdraw a request or decline one

    The devices of the caller get `contact.changed`; those of the other too, unless the caller
    declines: a user who has asked does not see that. Nothing changes where there is nothing.
    """
    async with database.transaction() as tx:
        await actions.remove_contact(tx, caller=caller.id, user_id=user_id)


handler = lambda_handler(app)
