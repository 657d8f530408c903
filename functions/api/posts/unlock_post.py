"""DELETE /posts/{id}/lock"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.posts.management import actions
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.delete(
    "/posts/{id}/lock",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Post}},
)
async def unlock_post(id: UUID, caller: CurrentUser) -> str:
    """It takes comments again."""
    async with database.transaction() as tx:
        return await actions.unlock_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
