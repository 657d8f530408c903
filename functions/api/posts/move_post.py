"""POST /posts/{id}/move"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.posts.management import actions
from cgraph.forums.posts.models import Post, PostMove

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post(
    "/posts/{id}/move",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Post}},
)
async def move_post(id: UUID, move: PostMove, caller: CurrentUser) -> str:
    """To another forum that one moderates too; its address stays. Of its tags those stay that the
    other forum has.
    """
    async with database.transaction() as tx:
        return await actions.move_post(tx, caller=caller, id=id, slug=move.forum)


handler = lambda_handler(app)
