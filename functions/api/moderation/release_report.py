"""DELETE /reports/{id}/claim"""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.cases import actions

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)
CaseId = Annotated[UUID, Path(description="Id of an item of `GET /reports`")]


@app.delete("/reports/{id}/claim", status_code=204)
async def release_report(id: CaseId, caller: CurrentUser) -> None:
    """Release claimed reports

    Ends the caller's claim, so that other moderators can claim the reports at once. Refused
    if the caller has no claim (`not_claimed`); the claim of another moderator stays.
    """
    async with database.autocommit() as tx:
        await actions.release_report(tx, caller=caller, id=id)


handler = lambda_handler(app)
