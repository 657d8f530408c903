"""GET /me"""

from cgraph.accounts.people import actions
from cgraph.accounts.people.models import Me
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app

app = new_app(policies.OWN_ACCOUNT, limit=limits.READ, scope="profile:read")


@app.get("/me", **json_body(Me))
async def show_me(caller: CurrentUser) -> str:
    """Show the caller's profile

    Returns the caller's own profile with the e-mail address, which other users do not see.
    """
    async with database.reading(caller) as tx:
        return await actions.show_me(tx, id=caller.id)


handler = lambda_handler(app)
