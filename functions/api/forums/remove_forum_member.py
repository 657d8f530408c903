"""DELETE /forums/{slug}/members/{user_id}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.parameters import ForumSlug, UserId

app = new_app(policies.FORUM_MODERATOR_OR_TARGET, limit=limits.WRITE)


@app.delete("/forums/{slug}/members/{user_id}", status_code=204)
async def remove_forum_member(slug: ForumSlug, user_id: UserId, caller: CurrentUser) -> None:
    """Remove a member from a forum

    The owner may remove every other member, a moderator may remove members who are not moderators
    (`higher_rank`), and a member may remove themselves. The owner cannot be removed: the forum must
    be transferred first (`ownership_transfer_required`). Refused if the user is not a member
    (`member_not_found`).
    """
    async with database.transaction() as tx:
        await actions.remove_forum_member(tx, caller=caller, slug=slug, user_id=user_id)


handler = lambda_handler(app)
