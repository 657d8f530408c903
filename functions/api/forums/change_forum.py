"""PATCH /forums/{slug}"""

from cgraph import database, limits, policies
from cgraph.forums import actions
from cgraph.forums.models import ForumChange, SeenForum
from cgraph.http import CurrentUser, Written, lambda_handler, new_app

app = new_app(policies.FORUM_OWNER, limit=limits.WRITE)


@app.patch(
    "/forums/{slug}",
    response_class=Written,
    response_model=None,
    responses={200: {"model": SeenForum}},
)
async def change_forum(slug: str, change: ForumChange, caller: CurrentUser) -> str:
    """Name, rules, who reads and who writes; what is left out stays."""
    async with database.transaction() as tx:
        return await actions.change_forum(tx, caller=caller, slug=slug, change=change)


handler = lambda_handler(app)
