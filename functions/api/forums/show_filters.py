"""GET /forums/{slug}/filters"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.filters import actions
from cgraph.forums.filters.models import ForumFilters
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.FORUM_MODERATOR, limit=limits.READ)


@app.get("/forums/{slug}/filters")
async def show_filters(slug: ForumSlug, caller: CurrentUser) -> ForumFilters:
    """Show the filters of a forum

    Returns the words and domains for which posts and comments are searched. Only the owner and
    moderators may see them.
    """
    async with database.reading(caller) as tx:
        return await actions.show_filters(tx, caller=caller, slug=slug)


handler = lambda_handler(app)
