"""DELETE /forums/{slug}/members/{user_id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions

app = new_app(policies.FORUM_MODERATOR_OR_TARGET, limit=limits.WRITE)


@app.delete("/forums/{slug}/members/{user_id}", status_code=204)
async def remove_forum_member(slug: str, user_id: UUID, caller: CurrentUser) -> None:
    """Removes somebody from a forum, or oneself."""
    async with database.transaction() as tx:
        await actions.remove_forum_member(tx, caller=caller, slug=slug, user_id=user_id)


handler = lambda_handler(app)
