"""read: PUT /conversations/{id}/read over the socket"""

from cgraph.chat import policies
from cgraph.chat.conversations.read_markers import actions
from cgraph.chat.conversations.read_markers.models import ReadFrame
from cgraph.core import database
from cgraph.realtime.models import Connection
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def read(connection: Connection, marker: ReadFrame) -> Reply:
    """Mark a conversation as read

    Like `PUT /conversations/{id}/read`: moves the caller's read marker forward, never back.
    """
    async with database.autocommit() as tx:
        marked = await actions.mark_read(
            tx, caller=connection.caller, id=marker.conversation_id, marker=marker
        )
    return ack(data=marked.model_dump(mode="json"))


handler = frame_handler(
    read, data=ReadFrame, policy=policies.MEMBER, scope="conversations:write", writes=True
)
