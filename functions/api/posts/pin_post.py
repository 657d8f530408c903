"""PUT /posts/{id}/pin"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.posts.management import actions
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.put(
    "/posts/{id}/pin",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Post}},
)
async def pin_post(id: UUID, caller: CurrentUser) -> str:
    """On top of its forum; at most 10 in a forum."""
    async with database.transaction() as tx:
        return await actions.pin_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
