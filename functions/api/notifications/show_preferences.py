"""GET /me/notification-preferences"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.notifications.preferences import actions
from cgraph.notifications.preferences.models import Preferences

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/me/notification-preferences")
async def show_preferences(caller: CurrentUser) -> Preferences:
    """Show how the caller wants to be notified

    The defaults, until they are changed.
    """
    async with database.reading(caller) as tx:
        return await actions.show_preferences(tx, user_id=caller.id)


handler = lambda_handler(app)
