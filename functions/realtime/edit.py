"""edit: PATCH /messages/{id} over the socket"""

from cgraph.chat import policies
from cgraph.chat.messages import actions
from cgraph.chat.messages.models import MessageEditFrame
from cgraph.core import database
from cgraph.realtime.models import Connection
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def edit(connection: Connection, edit: MessageEditFrame) -> Reply:
    """Edit a message

    Like `PATCH /messages/{id}`. `replayed` in the answer says whether the same edit was made
    before.
    """
    async with database.autocommit() as tx:
        edited = await actions.edit_message(
            tx, caller=connection.caller, id=edit.message_id, edit=edit
        )
    return ack(replayed=edited.replayed, data={"message": edited.message.model_dump(mode="json")})


handler = frame_handler(
    edit, data=MessageEditFrame, policy=policies.AUTHOR, scope="messages:write", writes=True
)
