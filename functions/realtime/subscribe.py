"""subscribe: what this socket looks at"""

from cgraph.core import database, policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, SubscribeRequest
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def subscribe(connection: Connection, asked: SubscribeRequest) -> Reply:
    """In focus for a while: typing, presence and receipts are told there. Answers who is present;
    a stream that one may not follow is gone.
    """
    async with database.reading() as tx:
        answer = await actions.subscribe(tx, connection=connection, streams=asked.streams)
    return ack(data=answer.model_dump(mode="json"))


handler = frame_handler(subscribe, data=SubscribeRequest, policy=policies.SIGNED_IN)
