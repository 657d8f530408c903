"""PUT /me/follows/{kind}/{id}"""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.notifications.following import actions
from cgraph.notifications.following.models import Follow, FollowDraft, FollowKind, FollowParameters

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.put("/me/follows/{kind}/{id}")
async def put_follow(
    kind: FollowKind,
    id: UUID,
    draft: FollowDraft,
    caller: CurrentUser,
    parameters: Annotated[FollowParameters, Query()],
) -> Follow:
    """Set the level at which something is followed

    A conversation, a forum, a post, a tag of a forum (`?tag=`), or the posts of a user. By default
    the caller hears all of direct conversations and of posts that they wrote or commented on, and
    of everything else what names or answers them.
    """
    async with database.transaction() as tx:
        return await actions.put_follow(
            tx, caller=caller, kind=kind, target_id=id, tag=parameters.tag, draft=draft
        )


handler = lambda_handler(app)
