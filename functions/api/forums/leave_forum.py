"""DELETE /forums/{slug}/membership"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.FORUM_READER, limit=limits.WRITE)


@app.delete("/forums/{slug}/membership", status_code=204)
async def leave_forum(slug: ForumSlug, caller: CurrentUser) -> None:
    """Leave a forum

    Does nothing if the caller is not a member. The owner cannot leave: the forum must be
    transferred first (`ownership_transfer_required`).
    """
    async with database.transaction() as tx:
        await actions.leave_forum(tx, caller=caller, slug=slug)


handler = lambda_handler(app)
