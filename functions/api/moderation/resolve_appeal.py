"""POST /appeals/{id}/resolve"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.appeals import actions
from cgraph.moderation.appeals.models import Appeal, Decision

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post("/appeals/{id}/resolve")
async def resolve_appeal(id: UUID, decision: Decision, caller: CurrentUser) -> Appeal:
    """What was done is undone, or stays; another moderator decides than the one who did it."""
    async with database.transaction() as tx:
        return await actions.resolve_appeal(tx, caller=caller, id=id, decision=decision)


handler = lambda_handler(app)
