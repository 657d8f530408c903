"""unsubscribe: what this socket no longer looks at"""

from cgraph.core import policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, SubscribeRequest
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def unsubscribe(connection: Connection, left: SubscribeRequest) -> Reply:
    """Out of focus. Numbered events still come."""
    await actions.unsubscribe(connection=connection, streams=left.streams)
    return ack(data={})


handler = frame_handler(unsubscribe, data=SubscribeRequest, policy=policies.SIGNED_IN)
