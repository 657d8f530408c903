"""GET /conversations/{id}"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations import actions
from cgraph.chat.conversations.models import Conversation
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/conversations/{id}")
async def show_conversation(id: UUID, caller: CurrentUser) -> Conversation:
    """Show a conversation

    Returns the conversation with all its members, the last message and the caller's unread count.
    """
    async with database.reading(caller) as tx:
        return await actions.show_conversation(tx, id=id, caller=caller)


handler = lambda_handler(app)
