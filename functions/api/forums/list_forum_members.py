"""GET /forums/{slug}/members"""

from cgraph.core import database, limits
from cgraph.core.http import (
    CurrentUser,
    PageCursor,
    PageLimit,
    RawJSONResponse,
    lambda_handler,
    new_app,
)
from cgraph.core.pagination import Page
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.members.models import ForumMember

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get(
    "/forums/{slug}/members",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Page[ForumMember]}},
)
async def list_forum_members(
    slug: str,
    caller: CurrentUser,
    moderating: bool = False,
    limit: PageLimit = 50,
    cursor: PageCursor = None,
) -> str:
    """By the age of their accounts; `moderating`: owner and moderators only."""
    async with database.reading() as tx:
        return await actions.list_forum_members(
            tx, caller=caller, slug=slug, moderating=moderating, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
