"""PUT /comments/{id}/approval"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.approvals import actions

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.put("/comments/{id}/approval", status_code=204)
async def approve_comment(id: UUID, caller: CurrentUser) -> None:
    """Show a withheld comment to all readers

    Publishes a comment that a filter holds for approval, or that was written under a shadow ban.
    Its open reports are resolved. The author gets the event `moderation.approved`, except after a
    shadow ban. To reject it, remove the comment.

    Refused if the comment is not withheld (`not_withheld`), if it was deleted or removed
    (`comment_deleted`), for what the caller wrote (`own_case`), and for what the owner wrote unless
    the caller is the owner (`higher_rank`).
    """
    async with database.transaction() as tx:
        await actions.approve_comment(tx, caller=caller, id=id)


handler = lambda_handler(app)
