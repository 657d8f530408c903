"""GET /forums/{slug}/emoji"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_page, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.emoji import actions
from cgraph.forums.emoji.models import Emoji
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get("/forums/{slug}/emoji", **json_page(Emoji))
async def list_emoji(slug: ForumSlug, caller: CurrentUser) -> str:
    """List the emoji of a forum

    Returns all emoji of the forum, at most 100, in the order of their names. `next` is always null.
    Texts stay as they were written: where one has `:name:`, clients show the picture instead.
    """
    async with database.reading(caller) as tx:
        return await actions.list_emoji(tx, caller=caller, slug=slug)


handler = lambda_handler(app)
