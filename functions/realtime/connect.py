"""$connect"""

from typing import Any

from cgraph.realtime import actions
from cgraph.realtime.sockets import lifecycle_handler


async def connect(event: dict[str, Any]) -> None:
    """Opens the socket for the user of the ticket in the query string, and spends the ticket."""
    query = event.get("queryStringParameters") or {}
    await actions.connect(event["requestContext"]["connectionId"], ticket=query.get("ticket", ""))


handler = lifecycle_handler(connect)
