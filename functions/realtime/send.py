"""send: POST /messages over the socket"""

from cgraph import database
from cgraph.ids import UserId
from cgraph.messages import actions
from cgraph.messages.models import MessageDraft
from cgraph.realtime.models import Connection
from cgraph.sockets import Reply, ack, frame_handler


async def send(connection: Connection, draft: MessageDraft) -> Reply:
    """The ack says whether the nonce had been used before."""
    async with database.autocommit() as tx:
        sent = await actions.send_message(tx, author=UserId(connection.user_id), draft=draft)
    return ack(replayed=sent.replayed, data={"message": sent.message.model_dump(mode="json")})


handler = frame_handler(send, data=MessageDraft, writes=True)
