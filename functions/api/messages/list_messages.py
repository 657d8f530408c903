"""GET /conversations/{id}/messages"""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from cgraph.chat import policies
from cgraph.chat.messages.history import actions
from cgraph.chat.messages.models import ListMessagesQuery, Message
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_page, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/conversations/{id}/messages", **json_page(Message))
async def list_messages(
    id: UUID, caller: CurrentUser, query: Annotated[ListMessagesQuery, Query()]
) -> str:
    """List the messages of a conversation

    Newest first. With `after`, the messages that follow it, oldest first. `next` continues in the
    same direction. With `around`, a page on both sides of a message, newest first: `next` continues
    with older ones, `after` the first one with newer ones. Deleted messages are listed as
    tombstones. Messages from before the caller's joining are left out if the group's `history` was
    `from_joining` then.
    """
    async with database.reading(caller) as tx:
        return await actions.list_messages(tx, caller=caller, conversation_id=id, query=query)


handler = lambda_handler(app)
