"""What is done for sockets when nobody waits for it."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from cgraph.realtime import connections


class Due(BaseModel):
    """What was held back in this lane of the stream is to be told now."""

    lane: Literal["presence", "receipts", "heads", "reactions"]
    stream: str
    message_id: UUID | None = None


class SocketWork(BaseModel):
    """`gone`: sockets that API Gateway answered 410 for."""

    model_config = ConfigDict(extra="forbid")

    gone: list[str] = []
    due: Due | None = None


async def tend_sockets(work: SocketWork) -> None:
    """Raises RealtimeUnavailable: the queue brings it again."""
    for connection in work.gone:
        await connections.close_connection(connection)
