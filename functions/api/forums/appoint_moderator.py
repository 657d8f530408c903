"""PUT /forums/{slug}/moderators/{user_id}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.members.models import AppointmentDraft, ForumMember
from cgraph.forums.parameters import ForumSlug, UserId

app = new_app(policies.FORUM_OWNER, limit=limits.WRITE)
MODERATOR = AppointmentDraft()


@app.put("/forums/{slug}/moderators/{user_id}")
async def appoint_moderator(
    slug: ForumSlug, user_id: UserId, caller: CurrentUser, draft: AppointmentDraft = MODERATOR
) -> ForumMember:
    """Appoint a moderator, or transfer a forum

    Returns the member with the new role. Only the owner may appoint. Without a body the user
    becomes a moderator; with the role `owner` the user becomes the owner and the caller a
    moderator. A user who is no member becomes one. Refused if the user is no member and one
    of the two has blocked the other (`blocked`), if the user is banned from the forum
    (`not_allowed`), and if the owner names themselves as moderator
    (`ownership_transfer_required`).
    """
    async with database.transaction() as tx:
        return await actions.appoint_moderator(
            tx, caller=caller, slug=slug, user_id=user_id, draft=draft
        )


handler = lambda_handler(app)
