"""POST /forums/{slug}/users/{user_id}/removals"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import ForumSlug
from cgraph.moderation.bans import actions
from cgraph.moderation.texts.models import TextsRemovalDraft, TextsRemoved

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post("/forums/{slug}/users/{user_id}/removals")
async def remove_texts(
    slug: ForumSlug, user_id: UUID, draft: TextsRemovalDraft, caller: CurrentUser
) -> TextsRemoved:
    """Remove what a banned user wrote in a forum

    Removes posts and comments of the user, the newest first, at most 30 in a call: repeat it while
    `more` is true. The author gets no event for them. They can be restored when the ban is lifted.

    Refused if the user has no ban, or a shadow ban (`not_banned`), for a user of the caller's rank
    or a higher one (`higher_rank`), and for the caller (`own_case`).
    """
    async with database.transaction() as tx:
        return await actions.remove_texts(
            tx, caller=caller, slug=slug, user_id=user_id, draft=draft
        )


handler = lambda_handler(app)
