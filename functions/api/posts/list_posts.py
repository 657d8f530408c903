"""GET /forums/{slug}/posts"""

from typing import Annotated

from fastapi import Query

from cgraph.core import database, limits
from cgraph.core.fields import Slug
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.posts.feeds import actions
from cgraph.forums.posts.feeds.models import ListPostsQuery, PostPage

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get(
    "/forums/{slug}/posts",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": PostPage}},
)
async def list_posts(
    slug: Slug, caller: CurrentUser, wish: Annotated[ListPostsQuery, Query()]
) -> str:
    """Hot ones first where nothing is said. By rank, a walk goes on for a quarter of an hour in the
    order that it began in.
    """
    async with database.reading() as tx:
        return await actions.list_posts(tx, caller=caller, slug=slug, wish=wish)


handler = lambda_handler(app)
