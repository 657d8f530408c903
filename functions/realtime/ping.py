"""ping: the heartbeat"""

from cgraph.core import database, policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, PingRequest
from cgraph.realtime.sockets import Reply, frame_handler


async def ping(connection: Connection, data: PingRequest) -> Reply:
    """The pong carries the heads of the streams in focus, so that a lost push is noticed."""
    async with database.reading() as tx:
        heads = await actions.ping(tx, connection=connection, request=data)
    return {"type": "pong", "heads": heads}


handler = frame_handler(ping, data=PingRequest, policy=policies.SIGNED_IN)
