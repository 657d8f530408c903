"""GET /posts/{id}"""

from uuid import UUID

from cgraph import database, limits, policies
from cgraph.http import CurrentUser, Written, lambda_handler, new_app
from cgraph.posts import actions
from cgraph.posts.models import Post

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get(
    "/posts/{id}", response_class=Written, response_model=None, responses={200: {"model": Post}}
)
async def show_post(id: UUID, caller: CurrentUser) -> str:
    """One post, as it reads now, wherever it was moved."""
    async with database.reading() as tx:
        return await actions.show_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
