"""GET /forums/{slug}/posts"""

from typing import Annotated

from fastapi import Query

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostingSlug
from cgraph.forums.posts.feeds import actions
from cgraph.forums.posts.feeds.models import ListPostsQuery, PostPage

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get("/forums/{slug}/posts", **json_body(PostPage))
async def list_posts(
    slug: PostingSlug, caller: CurrentUser, query: Annotated[ListPostsQuery, Query()]
) -> str:
    """List the posts of a forum

    Returns a page of posts; the first page also has the pinned posts. Deleted and removed posts
    are left out, those of an author whom the caller has blocked are collapsed (`blocked`).

    In the orders by rank (all but `new`) the pages keep the order that the list had when the
    first page was read. A cursor of such a list lasts 14 minutes and 45 seconds after that
    (`cursor_expired`).
    """
    async with database.reading(caller) as tx:
        return await actions.list_posts(tx, caller=caller, slug=slug, query=query)


handler = lambda_handler(app)
