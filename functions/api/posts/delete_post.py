"""DELETE /posts/{id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.posts import actions
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_AUTHOR, limit=limits.WRITE)


@app.delete(
    "/posts/{id}",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Post}},
)
async def delete_post(id: UUID, caller: CurrentUser) -> str:
    """What stays in its place; its history goes too."""
    async with database.transaction() as tx:
        return await actions.delete_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
