"""POST /forums/{slug}/warnings"""

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.moderation.warnings import actions
from cgraph.moderation.warnings.models import ForumWarning, WarningDraft

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post("/forums/{slug}/warnings", status_code=201)
async def warn_user(
    slug: str, draft: WarningDraft, caller: CurrentUser, response: Response
) -> ForumWarning:
    """Tells somebody on their own stream."""
    async with database.transaction() as tx:
        made = await actions.warn_user(tx, caller=caller, slug=slug, draft=draft)
    mark_replay(response, replayed=made.replayed)
    return made.warning


handler = lambda_handler(app)
