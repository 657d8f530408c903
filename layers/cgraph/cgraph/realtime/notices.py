"""Events that one user alone gets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.events.streams import user_stream
from cgraph.realtime.announcements import record_event


async def notify_user(
    tx: Transaction, *, user_id: UUID, type: str, data: dict[str, Any], now: datetime
) -> None:
    """Logs an event in the user's own stream, and announces it. Such a stream is locked last, after
    those of conversations, forums and posts.
    """
    await record_event(
        tx, stream=user_stream(user_id), type=type, data=data, audience=[user_id], now=now
    )
