"""GET /forums/{slug}/bans"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import ForumSlug
from cgraph.moderation.bans import actions
from cgraph.moderation.bans.models import Ban

app = new_app(policies.FORUM_MODERATOR, limit=limits.READ)


@app.get("/forums/{slug}/bans", **json_page(Ban))
async def list_bans(
    slug: ForumSlug, caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """List the bans of a forum

    Returns the bans in force, shadow bans included, newest first. Bans that have ended are left
    out.
    """
    async with database.reading(caller) as tx:
        return await actions.list_bans(tx, caller=caller, slug=slug, cursor=cursor, limit=limit)


handler = lambda_handler(app)
