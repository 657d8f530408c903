"""What keeps the registry of sockets clean."""

from pydantic import BaseModel

from cgraph.realtime import connections


class GoneConnections(BaseModel):
    """Sockets that API Gateway answered 410 for."""

    connections: list[str]


async def forget_connections(gone: GoneConnections) -> None:
    """Raises RealtimeUnavailable: the queue brings them again."""
    for connection in gone.connections:
        await connections.close_connection(connection)
