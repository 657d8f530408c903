"""POST /appeals/{id}/resolve"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.appeals import actions
from cgraph.moderation.appeals.models import Appeal, AppealResolution

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post("/appeals/{id}/resolve")
async def resolve_appeal(id: UUID, resolution: AppealResolution, caller: CurrentUser) -> Appeal:
    """Accept or reject an appeal

    Accepting lifts the ban or the removal. The user who appealed gets the event `appeal.resolved`.

    The user who appealed cannot decide (`own_case`), and a moderator who appeals against a ban is
    judged by the owner only (`higher_rank`). The moderator who imposed the ban or the removal
    cannot decide either, unless the forum has no other moderator (`own_case`). A second decision is
    refused (`already_resolved`).
    """
    async with database.transaction() as tx:
        return await actions.resolve_appeal(tx, caller=caller, id=id, resolution=resolution)


handler = lambda_handler(app)
