"""POST /reports/{id}/resolve"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.cases import actions
from cgraph.moderation.cases.models import Case, Resolution

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post("/reports/{id}/resolve")
async def resolve_report(id: UUID, resolution: Resolution, caller: CurrentUser) -> Case:
    """Once: who comes second is told so."""
    async with database.transaction() as tx:
        return await actions.resolve_report(tx, caller=caller, id=id, resolution=resolution)


handler = lambda_handler(app)
