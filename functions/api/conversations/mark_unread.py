"""PUT /conversations/{id}/unread"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations.read_markers import actions
from cgraph.chat.conversations.read_markers.models import ReadState
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.put("/conversations/{id}/unread")
async def mark_unread(id: UUID, caller: CurrentUser) -> ReadState:
    """Mark a conversation as unread

    Sets a mark that all devices of the caller show; the read marker and the unread count stay.
    Marking it as read, and sending a message, end it. If the mark is new, the caller's devices get
    `conversation.unread`; other members learn nothing.
    """
    async with database.autocommit() as tx:
        return await actions.mark_unread(tx, caller=caller, id=id)


handler = lambda_handler(app)
