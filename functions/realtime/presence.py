"""presence: online, away or busy"""

from cgraph.core import policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, PresenceRequest
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def presence(connection: Connection, said: PresenceRequest) -> Reply:
    """Told wherever this socket looks."""
    await actions.show_presence(connection=connection, status=said.status)
    return ack(data={})


handler = frame_handler(presence, data=PresenceRequest, policy=policies.SIGNED_IN)
