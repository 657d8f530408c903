"""POST /forums/{slug}/warnings"""

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import ForumSlug
from cgraph.moderation.warnings import actions
from cgraph.moderation.warnings.models import ForumWarning, WarningDraft

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post("/forums/{slug}/warnings", status_code=201)
async def warn_user(
    slug: ForumSlug, draft: WarningDraft, caller: CurrentUser, response: Response
) -> ForumWarning:
    """Warn a user

    The user gets the event `moderation.warned`, which does not name the moderator. The user must be
    a member of the forum or the author of `target`, which must be in the forum
    (`member_not_found`). Only the owner can warn a moderator, and nobody the owner
    (`higher_rank`), or themselves (`own_case`).
    """
    async with database.transaction() as tx:
        issued = await actions.warn_user(tx, caller=caller, slug=slug, draft=draft)
    mark_replay(response, replayed=issued.replayed)
    return issued.warning


handler = lambda_handler(app)
