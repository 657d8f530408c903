"""GET /conversations"""

from cgraph.chat.conversations import actions
from cgraph.chat.conversations.models import Conversation
from cgraph.core import database, limits, policies
from cgraph.core.http import (
    CurrentUser,
    PageCursor,
    PageLimit,
    json_page,
    lambda_handler,
    new_app,
)

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/conversations", **json_page(Conversation))
async def list_conversations(
    caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """List the caller's conversations

    Last active first, each with its first 8 members, its last message and the caller's unread
    count.
    """
    async with database.reading() as tx:
        return await actions.list_conversations(tx, reader=caller.id, cursor=cursor, limit=limit)


handler = lambda_handler(app)
