"""$connect"""

from typing import Any

from cgraph.realtime import actions
from cgraph.realtime.sockets import lifecycle_handler


async def connect(event: dict[str, Any]) -> None:
    """Spends the ticket of the address."""
    query = event.get("queryStringParameters") or {}
    await actions.connect(event["requestContext"]["connectionId"], ticket=query.get("ticket", ""))


handler = lifecycle_handler(connect)
