"""PATCH /forums/{slug}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.models import ForumView
from cgraph.forums.parameters import ForumSlug
from cgraph.forums.settings import actions
from cgraph.forums.settings.models import ForumChange

app = new_app(policies.FORUM_OWNER, limit=limits.WRITE)


@app.patch("/forums/{slug}", **json_body(ForumView))
async def change_forum(slug: ForumSlug, change: ForumChange, caller: CurrentUser) -> str:
    """Change the settings of a forum

    Returns the forum. Only the owner may change it. A field that is left out keeps its value.
    `icon` and `banner` are uploads of the caller; null removes them.
    If the forum is no longer public and everyone could post, only members may post from then
    on; `posting=everyone` in a forum that is not public is refused (`validation_failed`).
    """
    async with database.transaction() as tx:
        return await actions.change_forum(tx, caller=caller, slug=slug, change=change)


handler = lambda_handler(app)
