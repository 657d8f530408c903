"""PUT /forums/{slug}/membership"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.models import ForumView

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.WRITE)


@app.put(
    "/forums/{slug}/membership",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": ForumView}},
)
async def join_forum(slug: str, caller: CurrentUser) -> str:
    """Of public forums; to others moderators add people."""
    async with database.transaction() as tx:
        return await actions.join_forum(tx, caller=caller, slug=slug)


handler = lambda_handler(app)
