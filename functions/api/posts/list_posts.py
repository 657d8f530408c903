"""GET /forums/{slug}/posts"""

from typing import Annotated

from fastapi import Query

from cgraph import database, limits, policies
from cgraph.fields import Slug, Tag
from cgraph.http import CurrentUser, PageCursor, PageLimit, Written, lambda_handler, new_app
from cgraph.posts.feeds import actions
from cgraph.posts.feeds.models import Period, PostPage, Sort

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get(
    "/forums/{slug}/posts",
    response_class=Written,
    response_model=None,
    responses={200: {"model": PostPage}},
)
async def list_posts(
    slug: Slug,
    caller: CurrentUser,
    sort: Sort | None = None,
    time: Annotated[Period | None, Query(description="of sort=top; left out, all")] = None,
    tag: Annotated[Tag | None, Query(description="newest first, with sort=new or none")] = None,
    limit: PageLimit = 20,
    cursor: PageCursor = None,
) -> str:
    """Hot ones first where nothing is said. By rank, a walk goes on for a quarter of an hour in the
    order that it began in.
    """
    async with database.reading() as tx:
        return await actions.list_posts(
            tx,
            caller=caller,
            slug=slug,
            sort=sort,
            period=time,
            tag=tag,
            cursor=cursor,
            limit=limit,
        )


handler = lambda_handler(app)
