"""GET /forums/{slug}/posts"""

from typing import Annotated

from fastapi import Query

from cgraph import database, limits, policies
from cgraph.fields import Slug
from cgraph.http import CurrentUser, Written, lambda_handler, new_app
from cgraph.posts.feeds import actions
from cgraph.posts.feeds.models import PostPage, Wish

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get(
    "/forums/{slug}/posts",
    response_class=Written,
    response_model=None,
    responses={200: {"model": PostPage}},
)
async def list_posts(slug: Slug, caller: CurrentUser, wish: Annotated[Wish, Query()]) -> str:
    """Hot ones first where nothing is said. By rank, a walk goes on for a quarter of an hour in the
    order that it began in.
    """
    async with database.reading() as tx:
        return await actions.list_posts(tx, caller=caller, slug=slug, wish=wish)


handler = lambda_handler(app)
