"""GET /reports"""

from cgraph.core import database, limits, policies
from cgraph.core.http import (
    CurrentUser,
    PageCursor,
    PageLimit,
    RawJSONResponse,
    lambda_handler,
    new_app,
)
from cgraph.core.pagination import Page
from cgraph.moderation.cases import actions
from cgraph.moderation.cases.models import Case, CaseState

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get(
    "/reports",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Page[Case]}},
)
async def list_reports(
    caller: CurrentUser,
    state: CaseState = CaseState.OPEN,
    limit: PageLimit = 20,
    cursor: PageCursor = None,
) -> str:
    """What is reported in all forums that one moderates, as in one of them."""
    async with database.reading() as tx:
        return await actions.list_reports(
            tx, caller=caller, state=state, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
