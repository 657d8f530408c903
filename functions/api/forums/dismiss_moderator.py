"""DELETE /forums/{slug}/moderators/{user_id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions

app = new_app(policies.FORUM_OWNER, limit=limits.WRITE)


@app.delete("/forums/{slug}/moderators/{user_id}", status_code=204)
async def dismiss_moderator(slug: str, user_id: UUID, caller: CurrentUser) -> None:
    """A moderator is a member again."""
    async with database.transaction() as tx:
        await actions.dismiss_moderator(tx, caller=caller, slug=slug, user_id=user_id)


handler = lambda_handler(app)
