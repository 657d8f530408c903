"""GET /forums"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, PageLimit, json_page, lambda_handler, new_app
from cgraph.forums import actions
from cgraph.forums.models import ForumSort, ForumView
from cgraph.forums.parameters import ForumCursor, ForumSearch, OnlyMine

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/forums", **json_page(ForumView))
async def list_forums(
    caller: CurrentUser,
    q: ForumSearch = None,
    sort: ForumSort = ForumSort.ACTIVITY,
    mine: OnlyMine = False,
    limit: PageLimit = 20,
    cursor: ForumCursor = None,
) -> str:
    """List the forums that the caller may read

    Returns a page of forums, each with the caller's role in it. Private forums of which the
    caller is not a member are left out.
    """
    async with database.reading(caller) as tx:
        return await actions.list_forums(
            tx, reader=caller.id, text=q, mine=mine, sort=sort, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
