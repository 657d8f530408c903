"""PATCH /conversations/{id}"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations import actions
from cgraph.chat.conversations.models import Conversation, ConversationChange
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.ADMIN, limit=limits.WRITE)


@app.patch("/conversations/{id}")
async def change_conversation(
    id: UUID, change: ConversationChange, caller: CurrentUser
) -> Conversation:
    """Rename a group

    Returns the conversation with all its members. Members get `conversation.updated` if something
    has changed. Only owners and admins change a group; a direct conversation has no settings.
    """
    async with database.transaction() as tx:
        return await actions.change_conversation(tx, caller=caller, id=id, change=change)


handler = lambda_handler(app)
