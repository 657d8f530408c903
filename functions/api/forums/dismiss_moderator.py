"""DELETE /forums/{slug}/moderators/{user_id}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.parameters import ForumSlug, UserId

app = new_app(policies.FORUM_OWNER, limit=limits.WRITE)


@app.delete("/forums/{slug}/moderators/{user_id}", status_code=204)
async def dismiss_moderator(slug: ForumSlug, user_id: UserId, caller: CurrentUser) -> None:
    """Dismiss a moderator

    The moderator stays in the forum as a member. Only the owner may dismiss. Refused if the
    user is not a moderator (`member_not_found`) or is the owner
    (`ownership_transfer_required`).
    """
    async with database.transaction() as tx:
        await actions.dismiss_moderator(tx, caller=caller, slug=slug, user_id=user_id)


handler = lambda_handler(app)
