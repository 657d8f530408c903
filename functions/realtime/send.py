"""send: POST /messages over the socket"""

from cgraph.chat import policies
from cgraph.chat.messages import actions
from cgraph.chat.messages.models import MessageDraft
from cgraph.core import database
from cgraph.realtime.models import Connection
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def send(connection: Connection, draft: MessageDraft) -> Reply:
    """Send a message

    Like `POST /messages`. `replayed` in the answer says whether the nonce was used before.
    """
    async with database.autocommit() as tx:
        sent = await actions.send_message(tx, caller=connection.caller, draft=draft)
    return ack(replayed=sent.replayed, data={"message": sent.message.model_dump(mode="json")})


handler = frame_handler(
    send, data=MessageDraft, policy=policies.MEMBER, scope="messages:write", writes=True
)
