"""PUT /comments/{id}/removal"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.moderation.removals import actions
from cgraph.moderation.removals.models import Removal, RemovalDraft

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)
NO_REASON = RemovalDraft()


@app.put("/comments/{id}/removal")
async def remove_comment(id: UUID, caller: CurrentUser, draft: RemovalDraft = NO_REASON) -> Removal:
    """Remove a comment as a moderator

    The comment keeps its place in the tree, and only moderators can still read its text. Its open
    reports are resolved as upheld. The author gets the event `moderation.removed` and can appeal.

    A repeated removal with the same reason returns the first one; with another reason it is
    refused (`already_removed`). Also refused if the author has deleted the comment
    (`comment_deleted`), for what the caller wrote (`own_case`), and for what the owner wrote unless
    the caller is the owner (`higher_rank`).
    """
    async with database.transaction() as tx:
        return await actions.remove_comment(tx, caller=caller, id=id, draft=draft)


handler = lambda_handler(app)
