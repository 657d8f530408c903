"""PUT /posts/{id}/removal"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.removals import actions
from cgraph.moderation.removals.models import Removal, RemovalDraft

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)
NO_REASON = RemovalDraft()


@app.put("/posts/{id}/removal")
async def remove_post(id: UUID, caller: CurrentUser, draft: RemovalDraft = NO_REASON) -> Removal:
    """Remove a post as a moderator

    The post leaves the lists of its forum, and only moderators can still read its text. Its open
    reports are resolved as upheld. The author gets the event `moderation.removed` and can appeal.

    A repeated removal with the same reason returns the first one; with another reason it is
    refused (`already_removed`). Also refused if the author has deleted the post
    (`post_deleted`), for what the caller wrote (`own_case`), and for what the owner wrote unless
    the caller is the owner (`higher_rank`).
    """
    async with database.transaction() as tx:
        return await actions.remove_post(tx, caller=caller, id=id, draft=draft)


handler = lambda_handler(app)
