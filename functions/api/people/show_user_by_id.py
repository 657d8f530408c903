"""GET /users/by-id/{id}"""

from uuid import UUID

from cgraph.accounts.people import actions
from cgraph.accounts.people.models import User
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.READ, scope="profile:read")


@app.get("/users/by-id/{id}")
async def show_user_by_id(id: UUID, caller: CurrentUser) -> User:
    """Show the profile of the user with an id

    Returns the same as `GET /users/{username}`: for example of the author of a message who has left
    the conversation.
    """
    async with database.reading(caller) as tx:
        return await actions.show_user_by_id(tx, id=id)


handler = lambda_handler(app)
