"""GET /forums"""

from typing import Annotated

from fastapi import Query

from cgraph.core import database, limits, policies
from cgraph.core.fields import Search
from cgraph.core.http import CurrentUser, PageLimit, json_page, lambda_handler, new_app
from cgraph.forums import actions
from cgraph.forums.models import MAX_NAME_CURSOR_LENGTH, ForumSort, ForumView

app = new_app(policies.SIGNED_IN, limit=limits.READ)
SearchText = Annotated[
    Search | None,
    Query(
        description="Search text: every word of it must match a word of the forum's name or slug, "
        "or the beginning of one."
    ),
]
OnlyMine = Annotated[bool, Query(description="Only forums of which the caller is a member.")]
NameCursor = Annotated[
    str | None,
    Query(
        max_length=MAX_NAME_CURSOR_LENGTH,
        description="`next` of the page before; left out, the first page.",
    ),
]


@app.get("/forums", **json_page(ForumView))
async def list_forums(
    caller: CurrentUser,
    q: SearchText = None,
    sort: ForumSort = ForumSort.ACTIVITY,
    mine: OnlyMine = False,
    limit: PageLimit = 20,
    cursor: NameCursor = None,
) -> str:
    """List the forums that the caller may read

    Returns a page of forums, each with the caller's role in it. Private forums of which the
    caller is not a member are left out.
    """
    async with database.reading() as tx:
        return await actions.list_forums(
            tx, reader=caller.id, text=q, mine=mine, sort=sort, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
