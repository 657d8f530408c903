"""GET /conversations"""

from typing import Annotated

from fastapi import Query

from cgraph.chat.conversations import actions
from cgraph.chat.conversations.models import Conversation, ConversationFilter
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_page, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/conversations", **json_page(Conversation))
async def list_conversations(
    caller: CurrentUser, filter: Annotated[ConversationFilter, Query()]
) -> str:
    """List the caller's conversations

    Last active first, each with its first 8 members, its last message and the caller's unread
    count. `unread` and `muted` leave out others; a cursor belongs to the filters of its page.
    """
    async with database.reading(caller) as tx:
        return await actions.list_conversations(tx, reader=caller.id, filter=filter)


handler = lambda_handler(app)
