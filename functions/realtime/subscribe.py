"""subscribe: the streams that a client shows"""

from cgraph.core import database, policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, SubscribeRequest
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def subscribe(connection: Connection, subscription: SubscribeRequest) -> Reply:
    """Subscribe to the ephemeral events of streams

    Send it for each stream that the client shows on its screen. The socket then gets typing,
    presence, receipts and scores of the stream for `lease_ms`; subscribe again before it ends.
    Durable events need no subscription. The answer has the head of each stream and who else is
    present. A stream that the caller may not read is returned as `gone`. A socket has at most 50
    streams.
    """
    async with database.reading() as tx:
        answer = await actions.subscribe(tx, connection=connection, streams=subscription.streams)
    return ack(data=answer.model_dump(mode="json"))


handler = frame_handler(subscribe, data=SubscribeRequest, policy=policies.READER, shows_heads=True)
