"""GET /me/contacts"""

from cgraph.accounts.people.contacts import actions
from cgraph.accounts.people.contacts.models import Contact, ContactState
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.READ, scope="profile:read")


@app.get("/me/contacts", **json_page(Contact))
async def list_contacts(
    caller: CurrentUser,
    state: ContactState = ContactState.CONTACT,
    limit: PageLimit = 20,
    cursor: PageCursor = None,
) -> str:
    """List the caller's contacts, or requests

    Those in one state, the newest first.
    """
    async with database.reading(caller) as tx:
        return await actions.list_contacts(
            tx, caller=caller.id, state=state, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
