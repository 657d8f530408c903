"""PUT /posts/{id}/removal"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.removals import actions
from cgraph.moderation.removals.models import Removal, RemovalDraft

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)
NO_REASON = RemovalDraft()


@app.put("/posts/{id}/removal")
async def remove_post(id: UUID, caller: CurrentUser, draft: RemovalDraft = NO_REASON) -> Removal:
    """Takes it out of sight; what was reported of it is upheld."""
    async with database.transaction() as tx:
        return await actions.remove_post(tx, caller=caller, id=id, draft=draft)


handler = lambda_handler(app)
