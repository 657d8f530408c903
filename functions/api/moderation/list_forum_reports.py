"""GET /forums/{slug}/reports"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import ForumSlug
from cgraph.moderation.cases import actions
from cgraph.moderation.cases.models import CaseState, ReportCase

app = new_app(policies.FORUM_MODERATOR, limit=limits.READ)


@app.get("/forums/{slug}/reports", **json_page(ReportCase))
async def list_forum_reports(
    slug: ForumSlug,
    caller: CurrentUser,
    state: CaseState = CaseState.OPEN,
    limit: PageLimit = 20,
    cursor: PageCursor = None,
) -> str:
    """List the reports of a forum

    Returns one item for all reports of a post or comment. Open and claimed ones are ordered by
    priority, highest first, then by age, oldest first; resolved ones by the time of the decision,
    newest first.
    """
    async with database.reading(caller) as tx:
        return await actions.list_forum_reports(
            tx, caller=caller, slug=slug, state=state, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
