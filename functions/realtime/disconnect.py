"""$disconnect"""

from typing import Any

from cgraph.realtime import connections
from cgraph.realtime.sockets import lifecycle_handler


async def disconnect(event: dict[str, Any]) -> None:
    """Forgets the socket. AWS does not always call this: what is kept of it also expires."""
    await connections.close_connections([event["requestContext"]["connectionId"]])


handler = lifecycle_handler(disconnect)
