"""GET /conversations"""

from cgraph.chat.conversations import actions
from cgraph.chat.conversations.models import Conversation
from cgraph.core import database, limits, policies
from cgraph.core.http import (
    CurrentUser,
    PageCursor,
    PageLimit,
    RawJSONResponse,
    lambda_handler,
    new_app,
)
from cgraph.core.pagination import Page

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get(
    "/conversations",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Page[Conversation]}},
)
async def list_conversations(
    caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """One's conversations, last active first, with last message and unread count."""
    async with database.reading() as tx:
        return await actions.list_conversations(tx, reader=caller.id, cursor=cursor, limit=limit)


handler = lambda_handler(app)
