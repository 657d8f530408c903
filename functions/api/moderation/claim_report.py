"""POST /reports/{id}/claim"""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.cases import actions
from cgraph.moderation.cases.models import ReportCase

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)
CaseId = Annotated[UUID, Path(description="Id of an item of `GET /reports`")]


@app.post("/reports/{id}/claim")
async def claim_report(id: CaseId, caller: CurrentUser) -> ReportCase:
    """Claim the reports of a post or comment

    Reserves them for the caller for 15 minutes, so that two moderators do not work on the same
    reports. A repeated call extends the claim to 15 minutes from now.

    Refused while another moderator has claimed them (`report_claimed`; `Retry-After` says when the
    claim ends), after they were resolved (`already_resolved`), and if the caller wrote the post or
    comment (`own_case`).
    """
    async with database.autocommit() as tx:
        return await actions.claim_report(tx, caller=caller, id=id)


handler = lambda_handler(app)
