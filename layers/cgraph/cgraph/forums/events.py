"""Events in the stream of a forum."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cgraph.core.database import Transaction
from cgraph.events.streams import forum_stream
from cgraph.forums.access import audience_of
from cgraph.forums.models import ForumAccess
from cgraph.realtime.announcements import record_event


async def record_forum_event(
    tx: Transaction, forum: ForumAccess, *, type: str, data: Mapping[str, Any], now: datetime
) -> None:
    """`data` is JSON-ready. The caller has locked the forum's stream."""
    await record_event(
        tx,
        stream=forum_stream(forum.id),
        type=type,
        data=dict(data),
        audience=await audience_of(tx, forum),
        now=now,
    )
