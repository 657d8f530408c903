"""PUT /me/notification-preferences"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.notifications.preferences import actions
from cgraph.notifications.preferences.models import Preferences, PreferencesDraft

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.put("/me/notification-preferences")
async def set_preferences(draft: PreferencesDraft, caller: CurrentUser) -> Preferences:
    """Set how the caller wants to be notified

    All of it at once: what is left out gets its default. During quiet hours notifications are made
    as ever, but neither pushed nor mailed.
    """
    async with database.autocommit() as tx:
        return await actions.set_preferences(tx, user_id=caller.id, draft=draft)


handler = lambda_handler(app)
