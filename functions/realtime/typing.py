"""typing: that one writes, or no longer does"""

from cgraph.core import policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, TypingRequest
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def typing(connection: Connection, said: TypingRequest) -> Reply:
    """Told to those who have the stream in focus, as this socket must have."""
    await actions.show_typing(connection=connection, stream=said.stream, typing=said.typing)
    return ack(data={})


handler = frame_handler(typing, data=TypingRequest, policy=policies.SIGNED_IN)
