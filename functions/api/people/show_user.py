"""GET /users/{username}"""

from cgraph import database, limits, policies
from cgraph.fields import Username
from cgraph.http import CurrentUser, lambda_handler, new_app
from cgraph.people import actions
from cgraph.people.models import User

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/users/{username}")
async def show_user(username: Username, caller: CurrentUser) -> User:
    """Anybody's public profile."""
    async with database.reading() as tx:
        return await actions.access_user(tx, username=username)


handler = lambda_handler(app)
