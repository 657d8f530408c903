"""GET /forums/{slug}/members"""

from cgraph import database, limits, policies
from cgraph.fields import Page
from cgraph.forums.members import actions
from cgraph.forums.members.models import ForumMember
from cgraph.http import CurrentUser, PageCursor, PageLimit, Written, lambda_handler, new_app

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get(
    "/forums/{slug}/members",
    response_class=Written,
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
        return await actions.list_members(
            tx, caller=caller, slug=slug, moderating=moderating, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
