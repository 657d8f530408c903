"""GET /forums/{slug}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import actions, policies
from cgraph.forums.models import ForumView
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get("/forums/{slug}", **json_body(ForumView))
async def show_forum(slug: ForumSlug, caller: CurrentUser) -> str:
    """Show a forum

    Returns the forum with its rules and settings, and the caller's role in it. A private forum
    does not exist for users who are not members (`forum_not_found`).
    """
    async with database.reading(caller) as tx:
        return await actions.show_forum(tx, slug=slug, caller=caller)


handler = lambda_handler(app)
