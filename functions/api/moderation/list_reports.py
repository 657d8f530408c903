"""GET /reports"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app
from cgraph.moderation.cases import actions
from cgraph.moderation.cases.models import CaseState, ReportCase

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/reports", **json_page(ReportCase))
async def list_reports(
    caller: CurrentUser,
    state: CaseState = CaseState.OPEN,
    limit: PageLimit = 20,
    cursor: PageCursor = None,
) -> str:
    """List the reports of all forums that the caller moderates

    Returns one item for all reports of a post or comment, ordered as in
    `GET /forums/{slug}/reports`. The list is empty if the caller moderates no forum.
    """
    async with database.reading(caller) as tx:
        return await actions.list_reports(
            tx, caller=caller, state=state, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
