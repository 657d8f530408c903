"""GET /forums/{slug}/appeals"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import ForumSlug
from cgraph.moderation.appeals import actions
from cgraph.moderation.appeals.models import Appeal, AppealState

app = new_app(policies.FORUM_MODERATOR, limit=limits.READ)


@app.get("/forums/{slug}/appeals", **json_page(Appeal))
async def list_appeals(
    slug: ForumSlug,
    caller: CurrentUser,
    state: AppealState = AppealState.OPEN,
    limit: PageLimit = 20,
    cursor: PageCursor = None,
) -> str:
    """List the appeals in a forum

    Returns the appeals against bans from the forum and against removals in it, oldest first.
    """
    async with database.reading(caller) as tx:
        return await actions.list_appeals(
            tx, caller=caller, slug=slug, state=state, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
