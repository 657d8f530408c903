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

    Readers of the forum can read the post again, and the author gets the event
    `moderation.restored`. Refused if the post is not removed (`not_removed`) or its author has
    deleted it (`post_deleted`), for what the
    caller wrote (`own_case`), and for what the owner wrote unless the caller is the owner
    (`higher_rank`).
    """
    async with database.transaction() as tx:
        await actions.restore_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
