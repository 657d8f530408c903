"""PUT /me/contacts/{user_id}"""

from uuid import UUID

from cgraph.accounts.people.contacts import actions
from cgraph.accounts.people.contacts.models import ContactChange
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE, scope="profile:write")


@app.put("/me/contacts/{user_id}")
async def put_contact(user_id: UUID, caller: CurrentUser) -> ContactChange:
    """Ask a user to be a contact, or accept

    If the other has asked the caller, the two are contacts from now on; otherwise the other is
    asked. Returns how the caller sees the other. The devices of both get `contact.changed`. Asking
    again changes nothing.
    """
    async with database.transaction() as tx:
        return await actions.put_contact(tx, caller=caller.id, user_id=user_id)


handler = lambda_handler(app)
