"""GET /me/follows"""

from typing import Annotated

from fastapi import Query

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_page, lambda_handler, new_app
from cgraph.notifications.following import actions
from cgraph.notifications.following.models import Follow, FollowFilter

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/me/follows", **json_page(Follow))
async def list_follows(caller: CurrentUser, filter: Annotated[FollowFilter, Query()]) -> str:
    """List what the caller follows

    By kind and id, with what the caller does not want to hear of. A cursor belongs to the filter
    of its page.
    """
    async with database.reading(caller) as tx:
        return await actions.list_follows(tx, user_id=caller.id, filter=filter)


handler = lambda_handler(app)
