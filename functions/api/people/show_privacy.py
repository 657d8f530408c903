"""GET /me/privacy"""

from cgraph.accounts.people.privacy import actions
from cgraph.accounts.people.privacy.models import Privacy
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.READ, scope="profile:read")


@app.get("/me/privacy")
async def show_privacy(caller: CurrentUser) -> Privacy:
    """Show what the caller lets others do

    Others who may not are refused with `not_reachable`.
    """
    async with database.reading(caller) as tx:
        return await actions.show_privacy(tx, caller=caller.id)


handler = lambda_handler(app)
