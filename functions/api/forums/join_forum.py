"""PUT /forums/{slug}/membership"""

from cgraph import database, limits, policies
from cgraph.forums.members import actions
from cgraph.forums.models import SeenForum
from cgraph.http import CurrentUser, Written, lambda_handler, new_app

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.WRITE)


@app.put(
    "/forums/{slug}/membership",
    response_class=Written,
    response_model=None,
    responses={200: {"model": SeenForum}},
)
async def join_forum(slug: str, caller: CurrentUser) -> str:
    """Of public forums; to others moderators add people."""
    async with database.transaction() as tx:
        return await actions.join_forum(tx, caller=caller, slug=slug)


handler = lambda_handler(app)
