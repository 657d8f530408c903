"""GET /notifications"""

from typing import Annotated

from fastapi import Query

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_page, lambda_handler, new_app
from cgraph.notifications.inbox import actions
from cgraph.notifications.inbox.models import Notification, NotificationFilter

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/notifications", **json_page(Notification))
async def list_notifications(
    caller: CurrentUser, filter: Annotated[NotificationFilter, Query()]
) -> str:
    """List the caller's notifications

    Newest first. What happened about one thing while the caller did not read it is one
    notification. `mentions` lists what names the caller, read or not; a cursor belongs to the
    filters of its page. What the caller may not see any more is left out.
    """
    async with database.reading(caller) as tx:
        return await actions.list_notifications(tx, reader=caller.id, filter=filter)


handler = lambda_handler(app)
