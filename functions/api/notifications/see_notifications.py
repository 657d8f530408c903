"""PUT /notifications/seen"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.notifications.inbox import actions
from cgraph.notifications.inbox.models import Badge, SeenRequest

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.put("/notifications/seen")
async def see_notifications(request: SeenRequest, caller: CurrentUser) -> Badge:
    """Mark notifications as seen

    The caller has looked at the list, whose first notification was `up_to`, without reading all.
    Returns the badge. If anything has changed, the caller's devices get `notifications.seen`.
    """
    async with database.autocommit() as tx:
        return await actions.see_notifications(tx, user_id=caller.id, request=request)


handler = lambda_handler(app)
