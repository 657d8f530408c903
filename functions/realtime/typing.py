"""typing: the caller writes, or has stopped"""

from cgraph.core import policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, TypingRequest
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def typing(connection: Connection, change: TypingRequest) -> Reply:
    """Show that the caller is typing, or has stopped

    The subscribers of the stream get `typing.started` or `typing.stopped`. The socket must have
    subscribed to the stream. Send it again every few seconds while the caller types. A message of
    the caller ends it too.
    """
    await actions.show_typing(connection=connection, stream=change.stream, typing=change.typing)
    return ack(data={})


handler = frame_handler(
    typing, data=TypingRequest, policy=policies.SIGNED_IN, scope="messages:write"
)
