"""GET /comments/{id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.comments import actions
from cgraph.forums.comments.models import CommentInContext

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get("/comments/{id}")
async def show_comment(id: UUID, caller: CurrentUser) -> CommentInContext:
    """One comment, and those above it."""
    async with database.reading() as tx:
        return await actions.show_comment(tx, caller=caller, id=id)


handler = lambda_handler(app)
