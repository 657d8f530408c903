"""GET /messages/{id}/replies"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.messages.history import actions
from cgraph.chat.messages.models import Message
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/messages/{id}/replies", **json_page(Message))
async def list_replies(
    id: UUID, caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """List the replies to a message

    A page of the messages whose `reply_to` is this message, oldest first. Replies to replies are
    not among them. Deleted replies are listed as tombstones.
    """
    async with database.reading(caller) as tx:
        return await actions.list_replies(tx, caller=caller, id=id, cursor=cursor, limit=limit)


handler = lambda_handler(app)
