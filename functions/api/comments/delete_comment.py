"""DELETE /comments/{id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.comments import actions
from cgraph.forums.comments.models import Comment

app = new_app(policies.FORUM_AUTHOR, limit=limits.WRITE)


@app.delete("/comments/{id}")
async def delete_comment(id: UUID, caller: CurrentUser) -> Comment:
    """What stays in its place, with its replies."""
    async with database.transaction() as tx:
        return await actions.delete_comment(tx, caller=caller, id=id)


handler = lambda_handler(app)
