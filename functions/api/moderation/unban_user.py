"""DELETE /forums/{slug}/bans/{user_id}"""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import ForumSlug
from cgraph.moderation.bans import actions
from cgraph.moderation.texts.models import TextsRestored

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)
Restore = Annotated[bool, Query(description="Restores what was hidden because of the ban.")]


@app.delete("/forums/{slug}/bans/{user_id}")
async def unban_user(
    slug: ForumSlug, user_id: UUID, caller: CurrentUser, restore: Restore = False
) -> TextsRestored:
    """Lift the ban of a user

    With `restore`, all readers see again what the user wrote under a shadow ban, and what was
    removed with the ban, and votes that were not counted are counted: at most 30 texts and 300
    votes in a call. If `more` is true, `POST /forums/{slug}/users/{user_id}/restorations` restores
    the next ones.

    The user gets the event `moderation.unbanned`, except after a shadow ban. Refused if the user
    is not banned (`not_banned`). Only the owner can lift the ban of a moderator (`higher_rank`).
    """
    async with database.transaction() as tx:
        return await actions.unban_user(
            tx, caller=caller, slug=slug, user_id=user_id, restore=restore
        )


handler = lambda_handler(app)
