"""GET /me"""

from cgraph import database, limits, policies
from cgraph.http import CurrentUser, lambda_handler, new_app
from cgraph.people import actions
from cgraph.people.models import Me

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/me")
async def show_me(caller: CurrentUser) -> Me:
    """Oneself."""
    async with database.reading() as tx:
        return await actions.access_me(tx, id=caller.id)


handler = lambda_handler(app)
