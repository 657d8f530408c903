"""PUT /forums/{slug}/bans/{user_id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import ForumSlug
from cgraph.moderation.bans import actions
from cgraph.moderation.bans.models import BanDraft, ImposedBan

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)
PERMANENT = BanDraft()


@app.put("/forums/{slug}/bans/{user_id}")
async def ban_user(
    slug: ForumSlug, user_id: UUID, caller: CurrentUser, draft: BanDraft = PERMANENT
) -> ImposedBan:
    """Ban a user from a forum

    The ban is permanent or ends at a given time, and replaces an earlier ban of the user, who need
    not be a member. A banned user can still read a public or restricted forum, but cannot post,
    comment or vote. The user gets the event `moderation.banned`, except with a shadow ban.

    With `remove`, what the user wrote within that time is removed too, at most 30 posts and
    comments in a call. If `removal.more` is true, `POST /forums/{slug}/users/{user_id}/removals`
    removes the next ones.

    Only the owner can ban a moderator (`higher_rank`), and not with a shadow ban (`invalid_ban`).
    Nobody can ban the owner (`higher_rank`), or themselves (`own_case`).
    """
    async with database.transaction() as tx:
        return await actions.ban_user(tx, caller=caller, slug=slug, user_id=user_id, draft=draft)


handler = lambda_handler(app)
