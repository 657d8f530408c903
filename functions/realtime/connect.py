"""$connect"""

from typing import Any

from cgraph.core.addresses import client_address, network_of
from cgraph.realtime import actions
from cgraph.realtime.sockets import lifecycle_handler


async def connect(event: dict[str, Any]) -> None:
    """Opens the socket for the user of the ticket in the query string, and spends the ticket."""
    query, context = event.get("queryStringParameters") or {}, event["requestContext"]
    network = network_of(client_address(event))
    await actions.connect(context["connectionId"], ticket=query.get("ticket", ""), network=network)


handler = lifecycle_handler(connect)
