"""DELETE /posts/{id}/removal"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.removals import actions

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.delete("/posts/{id}/removal", status_code=204)
async def restore_post(id: UUID, caller: CurrentUser) -> None:
    """Restore a post that a moderator removed

    Everybody can read the post again, and the author gets the event `moderation.restored`.
    Succeeds too if the post is not removed.
    """
    async with database.transaction() as tx:
        await actions.restore_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
