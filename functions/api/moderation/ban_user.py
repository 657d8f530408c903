"""PUT /forums/{slug}/bans/{user_id}"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.bans import actions
from cgraph.moderation.bans.models import Ban, BanDraft

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)
FOR_EVER = BanDraft()


@app.put("/forums/{slug}/bans/{user_id}")
async def ban_user(
    slug: str, user_id: UUID, caller: CurrentUser, draft: BanDraft = FOR_EVER
) -> Ban:
    """For a time or for ever; a new one takes the place of the old."""
    async with database.transaction() as tx:
        return await actions.ban_user(tx, caller=caller, slug=slug, user_id=user_id, draft=draft)


handler = lambda_handler(app)
