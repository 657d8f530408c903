"""DELETE /forums/{slug}/bans/{user_id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.bans import actions

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.delete("/forums/{slug}/bans/{user_id}", status_code=204)
async def unban_user(slug: str, user_id: UUID, caller: CurrentUser) -> None:
    """Lift the ban of a user

    The user gets the event `moderation.unbanned`, except after a shadow ban. Refused if the user
    is not banned (`not_banned`). Only the owner can lift the ban of a moderator (`higher_rank`).
    """
    async with database.transaction() as tx:
        await actions.unban_user(tx, caller=caller, slug=slug, user_id=user_id)


handler = lambda_handler(app)
