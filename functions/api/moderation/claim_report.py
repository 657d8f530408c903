"""POST /reports/{id}/claim"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.cases import actions
from cgraph.moderation.cases.models import Case

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post("/reports/{id}/claim")
async def claim_report(id: UUID, caller: CurrentUser) -> Case:
    """Theirs for 15 minutes; again, for 15 more."""
    async with database.autocommit() as tx:
        return await actions.claim_report(tx, caller=caller, id=id)


handler = lambda_handler(app)
