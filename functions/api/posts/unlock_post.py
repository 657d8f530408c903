"""DELETE /posts/{id}/lock"""

from uuid import UUID

from cgraph import database, limits, policies
from cgraph.http import CurrentUser, Written, lambda_handler, new_app
from cgraph.posts.models import Post
from cgraph.posts.places import actions

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.delete(
    "/posts/{id}/lock",
    response_class=Written,
    response_model=None,
    responses={200: {"model": Post}},
)
async def unlock_post(id: UUID, caller: CurrentUser) -> str:
    """It takes comments again."""
    async with database.transaction() as tx:
        return await actions.unlock_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
