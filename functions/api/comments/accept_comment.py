"""PUT /posts/{id}/accept"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.comments import actions
from cgraph.forums.comments.models import Acceptance
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_AUTHOR_OR_MODERATOR, limit=limits.WRITE)


@app.put(
    "/posts/{id}/accept",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Post}},
)
async def accept_comment(id: UUID, acceptance: Acceptance, caller: CurrentUser) -> str:
    """The comment that answers the post; null is none of them."""
    async with database.transaction() as tx:
        return await actions.accept_comment(
            tx, caller=caller, post_id=id, comment_id=acceptance.comment_id
        )


handler = lambda_handler(app)
