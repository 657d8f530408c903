"""GET /comments/{id}"""

from uuid import UUID

from cgraph import database, limits, policies
from cgraph.comments import actions
from cgraph.comments.models import CommentInContext
from cgraph.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get("/comments/{id}")
async def show_comment(id: UUID, caller: CurrentUser) -> CommentInContext:
    """One comment, and those above it."""
    async with database.reading() as tx:
        return await actions.show_comment(tx, caller=caller, id=id)


handler = lambda_handler(app)
