"""POST /reports/{id}/resolve"""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.cases import actions
from cgraph.moderation.cases.models import CaseResolution, ReportCase

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)
CaseId = Annotated[UUID, Path(description="Id of an item of `GET /reports`")]


@app.post("/reports/{id}/resolve")
async def resolve_report(id: CaseId, resolution: CaseResolution, caller: CurrentUser) -> ReportCase:
    """Resolve the reports of a post or comment

    Carries out one decision for all of them: dismiss, remove, warn or ban. The caller need not have
    claimed them.

    Refused while another moderator has claimed them (`report_claimed`), after they were resolved
    (`already_resolved`), if the caller wrote the post or comment (`own_case`), for a removal,
    warning or ban of somebody who ranks too high (`higher_rank`; dismissing is allowed), and for a
    ban that cannot be imposed (`invalid_ban`).
    """
    async with database.transaction() as tx:
        return await actions.resolve_report(tx, caller=caller, id=id, resolution=resolution)


handler = lambda_handler(app)
