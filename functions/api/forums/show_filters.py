"""GET /forums/{slug}/filters"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.filters import actions
from cgraph.forums.filters.models import Filters

app = new_app(policies.FORUM_MODERATOR, limit=limits.READ)


@app.get("/forums/{slug}/filters")
async def show_filters(slug: str, caller: CurrentUser) -> Filters:
    """Words and domains that posts and comments are searched for."""
    async with database.reading() as tx:
        return await actions.show_filters(tx, caller=caller, slug=slug)


handler = lambda_handler(app)
