"""GET /forums/{slug}/members"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.members.models import ForumMember
from cgraph.forums.parameters import ForumSlug, OnlyModerators

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get("/forums/{slug}/members", **json_page(ForumMember))
async def list_forum_members(
    slug: ForumSlug,
    caller: CurrentUser,
    moderating: OnlyModerators = False,
    limit: PageLimit = 50,
    cursor: PageCursor = None,
) -> str:
    """List the members of a forum

    Returns a page of members with their roles, the oldest account first. Everyone who may read
    the forum may list its members.
    """
    async with database.reading(caller) as tx:
        return await actions.list_forum_members(
            tx, caller=caller, slug=slug, moderating=moderating, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
