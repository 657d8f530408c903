"""sync: fill small gaps over the socket"""

from cgraph.core import database, policies
from cgraph.realtime.models import Connection
from cgraph.realtime.sockets import Reply, ack, frame_handler
from cgraph.sync import actions
from cgraph.sync.models import SocketSyncRequest


async def sync(connection: Connection, request: SocketSyncRequest) -> Reply:
    """Fetch the events of streams after a position

    The events are pushed as frames, at most 200 in all, and `caught_up` is the last frame. The
    answer has what each stream had: `limited` where the gap is too long or too old to be filled
    (`POST /sync` then returns a snapshot), `gone` where the caller may not read the stream, and in
    `next` the cursors for what did not fit.
    """
    async with database.reading() as tx:
        reply = await actions.sync_over_socket(tx, connection=connection, request=request)
    return ack(data=reply.model_dump(mode="json"))


handler = frame_handler(sync, data=SocketSyncRequest, policy=policies.READER, shows_heads=True)
