"""DELETE /reports/{id}/claim"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.cases import actions

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.delete("/reports/{id}/claim", status_code=204)
async def release_report(id: UUID, caller: CurrentUser) -> None:
    """Gives back what one has claimed."""
    async with database.autocommit() as tx:
        await actions.release_report(tx, caller=caller, id=id)


handler = lambda_handler(app)
