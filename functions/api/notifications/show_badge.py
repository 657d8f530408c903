"""GET /notifications/badge"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.notifications.inbox import actions
from cgraph.notifications.inbox.models import Badge

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/notifications/badge")
async def show_badge(caller: CurrentUser) -> Badge:
    """Show how many notifications wait for the caller

    The same numbers are in the answer to `hello` and in each event about notifications.
    """
    async with database.reading(caller) as tx:
        return await actions.show_badge(tx, user_id=caller.id)


handler = lambda_handler(app)
