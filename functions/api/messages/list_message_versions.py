"""GET /messages/{id}/versions"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.messages.versions import actions
from cgraph.chat.messages.versions.models import MessageVersion
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app

app = new_app(policies.AUTHOR_OR_ADMIN, limit=limits.READ)


@app.get("/messages/{id}/versions", **json_page(MessageVersion))
async def list_message_versions(
    id: UUID, caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """List the earlier versions of a message

    A page of versions, each as the message was before an edit, the last one first. The current
    version is not among them. The author sees them, and owner and admins of a group. The list of a
    deleted message is empty.
    """
    async with database.reading(caller) as tx:
        return await actions.list_message_versions(
            tx, caller=caller, id=id, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
