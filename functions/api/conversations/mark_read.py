"""PUT /conversations/{id}/read"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations.read_markers import actions
from cgraph.chat.conversations.read_markers.models import ReadMarker, ReadState
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.put("/conversations/{id}/read")
async def mark_read(id: UUID, marker: ReadMarker, caller: CurrentUser) -> ReadState:
    """Mark a conversation as read

    Moves the caller's read marker forward to `seq`, never back and never past the last event, ends
    the mark as unread, and returns the state now. If anything has changed, the caller's devices get
    `conversation.read`; if the marker has moved, members who are subscribed to the conversation get
    a read receipt.
    """
    async with database.autocommit() as tx:
        return await actions.mark_read(tx, caller=caller, id=id, marker=marker)


handler = lambda_handler(app)
