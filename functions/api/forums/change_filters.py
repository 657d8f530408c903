"""PUT /forums/{slug}/filters"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.filters import actions
from cgraph.forums.filters.models import Filters, FiltersDraft

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.put("/forums/{slug}/filters")
async def change_filters(slug: str, draft: FiltersDraft, caller: CurrentUser) -> Filters:
    """In place of those before: whole words, and beginnings of words that end with *."""
    async with database.transaction() as tx:
        return await actions.change_filters(tx, caller=caller, slug=slug, draft=draft)


handler = lambda_handler(app)
