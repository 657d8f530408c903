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
    """Report a post or a comment

    The moderators of the forum see the report without the caller's name. A second report of the
    same post or comment changes nothing and answers 200 with the first report.

    The caller must be able to read the post or comment. Refused are reports of the caller's own
    posts and comments (`invalid_report`), and of those that the author deleted or a moderator
    removed (`post_deleted`, `comment_deleted`).
    """
    async with database.autocommit() as tx:
        filed = await actions.file_report(tx, caller=caller, draft=draft)
    mark_replay(response, replayed=filed.replayed)
    return filed.report


handler = lambda_handler(app)
