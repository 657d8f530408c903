"""PUT /forums/{slug}/members/{user_id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.members.models import ForumMember

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.put("/forums/{slug}/members/{user_id}")
async def add_forum_member(slug: str, user_id: UUID, caller: CurrentUser) -> ForumMember:
    """The only way into a private forum."""
    async with database.transaction() as tx:
        return await actions.add_forum_member(tx, caller=caller, slug=slug, user_id=user_id)


handler = lambda_handler(app)
