"""DELETE /forums/{slug}/membership"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions

app = new_app(policies.FORUM_READER, limit=limits.WRITE)


@app.delete("/forums/{slug}/membership", status_code=204)
async def leave_forum(slug: str, caller: CurrentUser) -> None:
    """The owner hands over first."""
    async with database.transaction() as tx:
        await actions.leave_forum(tx, caller=caller, slug=slug)


handler = lambda_handler(app)
