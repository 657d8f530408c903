"""POST /reports"""

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.moderation.reports import actions
from cgraph.moderation.reports.models import Report, ReportDraft

app = new_app(policies.FORUM_READER, limit=limits.WRITE)


@app.post("/reports", status_code=201)
async def file_report(draft: ReportDraft, caller: CurrentUser, response: Response) -> Report:
    """Reports a post or a comment; the same person twice is one report, and answers 200."""
    async with database.autocommit() as tx:
        made = await actions.file_report(tx, caller=caller, draft=draft)
    mark_replay(response, replayed=made.replayed)
    return made.report


handler = lambda_handler(app)
