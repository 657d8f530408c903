"""GET /forums/{slug}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import actions, policies
from cgraph.forums.models import ForumView

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get(
    "/forums/{slug}",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": ForumView}},
)
async def show_forum(slug: str, caller: CurrentUser) -> str:
    """With its rules and settings, and what one is in it."""
    async with database.reading() as tx:
        return await actions.show_forum(tx, slug=slug, caller=caller)


handler = lambda_handler(app)
