"""PUT /notifications/read"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.notifications.inbox import actions
from cgraph.notifications.inbox.models import ReadNotifications, ReadRequest

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.put("/notifications/read")
async def read_notifications(request: ReadRequest, caller: CurrentUser) -> ReadNotifications:
    """Mark notifications as read

    Some by their ids, those about one thing, or all up to one; at most 1,000 at once. Returns the
    badge. If anything has changed, the caller's devices get `notifications.read`. Reading a
    conversation reads its notifications too.
    """
    async with database.autocommit() as tx:
        return await actions.read_notifications(tx, user_id=caller.id, request=request)


handler = lambda_handler(app)
