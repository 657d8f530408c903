"""DELETE /me/follows/{kind}/{id}"""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.notifications.following import actions
from cgraph.notifications.following.models import FollowKind, FollowParameters

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.delete("/me/follows/{kind}/{id}", status_code=204)
async def delete_follow(
    kind: FollowKind,
    id: UUID,
    caller: CurrentUser,
    parameters: Annotated[FollowParameters, Query()],
) -> None:
    """Remove a follow or its level

    The default applies again. Nothing happens if the caller does not follow it. A conversation is
    unmuted.
    """
    async with database.transaction() as tx:
        await actions.delete_follow(tx, caller=caller, kind=kind, target_id=id, tag=parameters.tag)


handler = lambda_handler(app)
