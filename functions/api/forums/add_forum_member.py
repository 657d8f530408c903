"""PUT /forums/{slug}/members/{user_id}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.members.models import ForumMember
from cgraph.forums.parameters import ForumSlug, UserId

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.put("/forums/{slug}/members/{user_id}")
async def add_forum_member(slug: ForumSlug, user_id: UserId, caller: CurrentUser) -> ForumMember:
    """Add a member to a forum

    Returns the member. Only the owner and moderators may add members; it is the only way into a
    private or restricted forum. A user who is a member already keeps their role. Refused if one
    of the two has blocked the other (`blocked`), or the user is banned from the forum
    (`not_allowed`).
    """
    async with database.transaction() as tx:
        return await actions.add_forum_member(tx, caller=caller, slug=slug, user_id=user_id)


handler = lambda_handler(app)
