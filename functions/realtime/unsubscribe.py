"""unsubscribe: the streams that a client no longer shows"""

from cgraph.core import policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, SubscribeRequest
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def unsubscribe(connection: Connection, subscription: SubscribeRequest) -> Reply:
    """Unsubscribe from the ephemeral events of streams

    Durable events still come. A stream that the socket has not subscribed to is ignored.
    """
    await actions.unsubscribe(connection=connection, streams=subscription.streams)
    return ack(data={})


handler = frame_handler(unsubscribe, data=SubscribeRequest, policy=policies.READER)
