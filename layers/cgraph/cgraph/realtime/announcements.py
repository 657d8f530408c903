"""Announcing events: an action says what happened, clients learn of it after the commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.events.log import append_event
from cgraph.events.models import Event
from cgraph.events.streams import Stream
from cgraph.realtime import fanout
from cgraph.realtime.fanout import Announcement


def announce(
    tx: Transaction,
    event: Event,
    *,
    audience: Sequence[UUID] | None,
    ends_typing_of: UserId | None = None,
) -> None:
    """Pushes an event that the transaction has logged to its `audience`, once it has committed.

    `audience`, `ends_typing_of`: see Announcement.
    """
    people = None if audience is None else [UserId(person) for person in audience]
    tx.on_commit(fanout.deliver, Announcement(event, people, ends_typing_of))


async def record_event(
    tx: Transaction,
    *,
    stream: Stream,
    type: str,
    data: dict[str, Any],
    audience: Sequence[UUID] | None,
    now: datetime,
) -> int:
    """Logs an event and announces it. Returns its number in the stream.

    The caller has locked the stream if it belongs to a conversation, a forum or a post.
    """
    event = await append_event(tx, stream=stream, type=type, data=data, now=now)
    announce(tx, event, audience=audience)
    return event.seq
