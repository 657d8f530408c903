"""GET /posts/{id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.posts import actions
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get(
    "/posts/{id}",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Post}},
)
async def show_post(id: UUID, caller: CurrentUser) -> str:
    """One post, as it reads now, wherever it was moved."""
    async with database.reading() as tx:
        return await actions.show_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
