"""DELETE /comments/{id}/removal"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.removals import actions

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.delete("/comments/{id}/removal", status_code=204)
async def restore_comment(id: UUID, caller: CurrentUser) -> None:
    """Restore a comment that a moderator removed

    Readers of the forum can read the comment again, and the author gets the event
    `moderation.restored`. Refused if the comment is not removed (`not_removed`) or its author has
    deleted it (`comment_deleted`), for what the
    caller wrote (`own_case`), and for what the owner wrote unless the caller is the owner
    (`higher_rank`).
    """
    async with database.transaction() as tx:
        await actions.restore_comment(tx, caller=caller, id=id)


handler = lambda_handler(app)
