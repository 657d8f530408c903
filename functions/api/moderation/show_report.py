"""GET /reports/{id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.cases import actions
from cgraph.moderation.cases.models import ReportCaseDetail

app = new_app(policies.FORUM_MODERATOR, limit=limits.READ)


@app.get("/reports/{id}", **json_body(ReportCaseDetail))
async def show_report(id: UUID, caller: CurrentUser) -> str:
    """Show the reports of a post or comment with what was reported

    Returns what lists return, and `evidence`: each version that was reported, whole, also after
    its author has edited or deleted it. It is kept until 90 days after the decision.
    """
    async with database.reading(caller) as tx:
        return await actions.show_report(tx, caller=caller, id=id)


handler = lambda_handler(app)
