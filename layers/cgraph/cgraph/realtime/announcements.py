"""Announcing events: an action says what happened, clients learn of it after the commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core import snapstart
from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.events.log import append_event, append_own_event
from cgraph.events.models import Event
from cgraph.events.streams import Stream, parse_stream
from cgraph.realtime.own_views import actions

snapstart.imported_on_use("cgraph.realtime.fanout")


_Announced = tuple[Event, Sequence[UserId] | None, UserId | None, Mapping[UserId, Event]]
"""What an Announcement is made of."""


def announce(
    tx: Transaction,
    event: Event,
    *,
    audience: Sequence[UUID] | None,
    ends_typing_of: UserId | None = None,
    own_views: Mapping[UserId, Event] | None = None,
) -> None:
    """Pushes an event that the transaction has logged to its `audience`, once it has committed.

    `audience`, `ends_typing_of`, `own_views`: see Announcement.
    """
    people = None if audience is None else [UserId(person) for person in audience]
    tx.on_commit(deliver, (event, people, ends_typing_of, own_views or {}))


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
    views = await actions.own_views(tx, event=event) if event.has_own_views else None
    announce(tx, event, audience=audience, own_views=views)
    return event.seq


def announce_logged(
    tx: Transaction,
    events: Iterable[Mapping[str, Any]],
    *,
    audience: Sequence[UUID] | None,
    now: datetime,
) -> None:
    """Announces events that a SQL function has logged with the change that they report: what
    log_event() and log_own_event() in infra/schema/event_log.sql return. `audience`: of those that
    have none of their own.
    """
    for logged in events:
        event = Event(
            parse_stream(logged["stream"]), logged["seq"], logged["type"], logged["data"], now
        )
        views = {
            UserId(UUID(view["user_id"])): replace(event, seq=view["seq"], data=view["data"])
            for view in logged.get("own_views") or ()
        }
        own = logged.get("audience")
        to = audience if own is None else [UUID(user) for user in own]
        announce(tx, event, audience=to, own_views=views)


async def record_own_event(
    tx: Transaction,
    *,
    stream: Stream,
    user_id: UUID,
    type: str,
    data: dict[str, Any],
    now: datetime,
) -> None:
    """Logs an event that only this user gets, and announces it. The caller has locked the stream,
    which is that of a forum or a post.
    """
    event = await append_own_event(
        tx, stream=stream, user_id=user_id, type=type, data=data, now=now
    )
    announce(tx, event, audience=[user_id])


async def deliver(announced: Sequence[_Announced]) -> None:
    """Fan-out is imported by who announces: the functions that only read import its callers too."""
    from cgraph.realtime import fanout

    await fanout.deliver([fanout.Announcement(*each) for each in announced])
