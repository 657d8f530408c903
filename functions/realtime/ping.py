"""ping: the heartbeat"""

from cgraph.core import database, policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, PingRequest
from cgraph.realtime.sockets import Reply, frame_handler


async def ping(connection: Connection, data: PingRequest) -> Reply:
    """Keep the socket open and compare the heads of streams

    Send it every `heartbeat_ms`. The `pong` has the head of the caller's own stream and of each
    stream in `data.streams` that the caller may read, so that a lost push is noticed. Without a
    `pong` within 10 s, open another socket.
    """
    async with database.reading() as tx:
        heads = await actions.ping(tx, connection=connection, request=data)
    return {"type": "pong", "heads": heads}


handler = frame_handler(ping, data=PingRequest, policy=policies.READER, shows_heads=True)
