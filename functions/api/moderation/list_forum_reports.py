"""GET /forums/{slug}/reports"""

from cgraph.core import database, limits
from cgraph.core.http import (
    CurrentUser,
    PageCursor,
    PageLimit,
    RawJSONResponse,
    lambda_handler,
    new_app,
)
from cgraph.core.pagination import Page
from cgraph.forums import policies
from cgraph.moderation.cases import actions
from cgraph.moderation.cases.models import Case, CaseState

app = new_app(policies.FORUM_MODERATOR, limit=limits.READ)


@app.get(
    "/forums/{slug}/reports",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Page[Case]}},
)
async def list_forum_reports(
    slug: str,
    caller: CurrentUser,
    state: CaseState = CaseState.OPEN,
    limit: PageLimit = 20,
    cursor: PageCursor = None,
) -> str:
    """What is reported: the most pressing first, what is resolved by its time."""
    async with database.reading() as tx:
        return await actions.list_forum_reports(
            tx, caller=caller, slug=slug, state=state, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
