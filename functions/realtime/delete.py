"""delete: DELETE /messages/{id} over the socket"""

from cgraph.chat import policies
from cgraph.chat.messages import actions
from cgraph.chat.messages.models import MessageFrame
from cgraph.core import database
from cgraph.realtime.models import Connection
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def delete(connection: Connection, frame: MessageFrame) -> Reply:
    """Delete a message

    Like `DELETE /messages/{id}`. The answer has the tombstone.
    """
    async with database.autocommit() as tx:
        message = await actions.delete_message(tx, caller=connection.caller, id=frame.message_id)
    return ack(data={"message": message.model_dump(mode="json")})


handler = frame_handler(
    delete, data=MessageFrame, policy=policies.AUTHOR_OR_ADMIN, scope="messages:write", writes=True
)
