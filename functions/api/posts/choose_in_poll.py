"""PUT /posts/{id}/poll"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.posts.models import Post
from cgraph.forums.posts.polls import actions
from cgraph.forums.posts.polls.models import Choices

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.WRITE)


@app.put(
    "/posts/{id}/poll",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Post}},
)
async def choose_in_poll(id: UUID, given: Choices, caller: CurrentUser) -> str:
    """Instead of what one chose before; an empty list takes it back."""
    async with database.autocommit() as tx:
        return await actions.choose_in_poll(tx, caller=caller, id=id, given=given)


handler = lambda_handler(app)
