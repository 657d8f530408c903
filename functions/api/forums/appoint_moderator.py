"""PUT /forums/{slug}/moderators/{user_id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.members.models import Appointed, ForumMember

app = new_app(policies.FORUM_OWNER, limit=limits.WRITE)
MODERATOR = Appointed()


@app.put("/forums/{slug}/moderators/{user_id}")
async def appoint_moderator(
    slug: str, user_id: UUID, caller: CurrentUser, appointed: Appointed = MODERATOR
) -> ForumMember:
    """Makes somebody a moderator, or hands the forum over."""
    async with database.transaction() as tx:
        return await actions.appoint_moderator(
            tx, caller=caller, slug=slug, user_id=user_id, appointed=appointed
        )


handler = lambda_handler(app)
