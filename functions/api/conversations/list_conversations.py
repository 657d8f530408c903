"""GET /conversations"""

from cgraph import database, limits, policies
from cgraph.conversations import actions
from cgraph.conversations.models import Conversation
from cgraph.fields import Page
from cgraph.http import CurrentUser, PageCursor, PageLimit, Written, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get(
    "/conversations",
    response_class=Written,
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
