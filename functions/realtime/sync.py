"""sync: small gaps over the socket"""

from cgraph.core import database, policies
from cgraph.realtime.models import Connection
from cgraph.realtime.sockets import Reply, ack, frame_handler
from cgraph.sync import actions
from cgraph.sync.models import SocketSyncRequest


async def sync(connection: Connection, request: SocketSyncRequest) -> Reply:
    """The events follow as frames that end with `caught_up`."""
    async with database.reading() as tx:
        reply = await actions.sync_over_socket(tx, connection=connection, request=request)
    return ack(data=reply.model_dump(mode="json"))


handler = frame_handler(sync, data=SocketSyncRequest, policy=policies.SIGNED_IN)
