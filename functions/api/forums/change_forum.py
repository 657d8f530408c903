"""PATCH /forums/{slug}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import actions, policies
from cgraph.forums.models import ForumChange, ForumView

app = new_app(policies.FORUM_OWNER, limit=limits.WRITE)


@app.patch(
    "/forums/{slug}",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": ForumView}},
)
async def change_forum(slug: str, change: ForumChange, caller: CurrentUser) -> str:
    """Name, rules, who reads and who writes; what is left out stays."""
    async with database.transaction() as tx:
        return await actions.change_forum(tx, caller=caller, slug=slug, change=change)


handler = lambda_handler(app)
