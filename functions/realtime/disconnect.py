"""$disconnect"""

from typing import Any

from cgraph.realtime import connections
from cgraph.realtime.sockets import lifecycle_handler


async def disconnect(event: dict[str, Any]) -> None:
    """Best effort on AWS's side; the registry's entries also expire by themselves."""
    await connections.close_connections([event["requestContext"]["connectionId"]])


handler = lifecycle_handler(disconnect)
