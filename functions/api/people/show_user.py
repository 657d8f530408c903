"""GET /users/{username}"""

from typing import Annotated

from fastapi import Path

from cgraph.accounts.people import actions
from cgraph.accounts.people.models import User
from cgraph.core import database, limits, policies
from cgraph.core.fields import Username
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.READ, scope="profile:read")


@app.get("/users/{username}")
async def show_user(
    username: Annotated[Username, Path(description="The username, whatever its case.")],
    caller: CurrentUser,
) -> User:
    """Show a user's profile

    Returns what every signed-in user may see of the user; the e-mail address is left out.
    """
    async with database.reading(caller) as tx:
        return await actions.show_user(tx, username=username)


handler = lambda_handler(app)
