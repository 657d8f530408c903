"""POST /forums/{slug}/users/{user_id}/restorations"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import ForumSlug
from cgraph.moderation.bans import actions
from cgraph.moderation.texts.models import TextsRestored

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post("/forums/{slug}/users/{user_id}/restorations")
async def restore_texts(slug: ForumSlug, user_id: UUID, caller: CurrentUser) -> TextsRestored:
    """Restore what was hidden because of a ban

    Shows all readers what the user wrote under a shadow ban that is over or was replaced, counts
    the user's votes of that time, and, if the user is not banned any more, restores what was
    removed with a ban. At most 30 texts and 300 votes in a call: repeat it while `more` is true.

    Refused during a shadow ban (`still_banned`), for a user of the caller's rank or a higher one
    (`higher_rank`), and for the caller (`own_case`).
    """
    async with database.transaction() as tx:
        return await actions.restore_texts(tx, caller=caller, slug=slug, user_id=user_id)


handler = lambda_handler(app)
