"""GET /posts/{id}/versions"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, lambda_handler, new_app
from cgraph.core.pagination import Page
from cgraph.forums import policies
from cgraph.forums.posts import actions
from cgraph.forums.posts.models import PostVersion

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get("/posts/{id}/versions")
async def list_versions(
    id: UUID, caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> Page[PostVersion]:
    """How it read before each edit, the last one first; none of a post that is gone."""
    async with database.reading() as tx:
        return await actions.list_versions(tx, caller=caller, id=id, cursor=cursor, limit=limit)


handler = lambda_handler(app)
