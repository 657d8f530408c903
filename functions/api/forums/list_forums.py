"""GET /forums"""

from typing import Annotated

from fastapi import Query

from cgraph.core import database, limits, policies
from cgraph.core.fields import Search
from cgraph.core.http import CurrentUser, PageLimit, RawJSONResponse, lambda_handler, new_app
from cgraph.core.pagination import Page
from cgraph.forums import actions
from cgraph.forums.models import NAME_CURSOR, ForumView, Order

app = new_app(policies.SIGNED_IN, limit=limits.READ)
NameCursor = Annotated[str | None, Query(max_length=NAME_CURSOR)]


@app.get(
    "/forums",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Page[ForumView]}},
)
async def list_forums(
    caller: CurrentUser,
    q: Search | None = None,
    sort: Order = Order.ACTIVITY,
    mine: bool = False,
    limit: PageLimit = 20,
    cursor: NameCursor = None,
) -> str:
    """Those one may read: with all the words of `q`, each perhaps only begun; `mine`: in which one
    is."""
    async with database.reading() as tx:
        return await actions.list_forums(
            tx, reader=caller.id, said=q, mine=mine, order=sort, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
