"""GET /forums/{slug}/posts/similar"""

from typing import Annotated

from fastapi import Query

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import ForumSlug
from cgraph.search import actions
from cgraph.search.models import SimilarPosts, SimilarPostsParameters

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get("/forums/{slug}/posts/similar", **json_body(SimilarPosts))
async def list_similar_posts(
    slug: ForumSlug, caller: CurrentUser, parameters: Annotated[SimilarPostsParameters, Query()]
) -> str:
    """List posts of a forum that are like a title

    For somebody who is writing a post: those that may say the same already, the most similar one
    first. Left out is what lists leave out, and posts of authors whom the caller has blocked.
    """
    async with database.reading(caller) as tx:
        return await actions.list_similar_posts(tx, caller=caller, slug=slug, parameters=parameters)


handler = lambda_handler(app)
