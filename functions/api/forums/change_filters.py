"""PUT /forums/{slug}/filters"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.filters import actions
from cgraph.forums.filters.models import ForumFilters, ForumFiltersDraft
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.put("/forums/{slug}/filters")
async def change_filters(
    slug: ForumSlug, draft: ForumFiltersDraft, caller: CurrentUser
) -> ForumFilters:
    """Replace the filters of a forum

    Returns the filters in the form in which they are searched for: in lower case, without
    duplicates. Only the owner and moderators may change them. Filters apply to posts and
    comments that are written or edited from then on, except those of moderators.
    """
    async with database.transaction() as tx:
        return await actions.change_filters(tx, caller=caller, slug=slug, draft=draft)


handler = lambda_handler(app)
