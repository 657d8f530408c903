"""presence: online, away or busy"""

from cgraph.core import policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, PresenceRequest
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def presence(connection: Connection, change: PresenceRequest) -> Reply:
    """Set the caller's presence

    The subscribers of the streams that this socket has subscribed to get `presence.changed`,
    coalesced over a few seconds. If the caller has several sockets, `busy` counts before `online`,
    and `online` before `away`.
    """
    await actions.show_presence(connection=connection, status=change.status)
    return ack(data={})


handler = frame_handler(presence, data=PresenceRequest, policy=policies.READER)
