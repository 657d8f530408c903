"""What was held back, told to those in focus: typing, presence, receipts, scores. None of it has a
number, none is kept.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from cgraph.core import cache, queues
from cgraph.core.encoding import encode_json
from cgraph.core.ids import from_short
from cgraph.core.log import logger
from cgraph.events.streams import Stream
from cgraph.realtime import coalescing, fanout
from cgraph.realtime.coalescing import NOT_AT_ONCE, PRESENCE, RECEIPTS, SCORES, Outcome
from cgraph.realtime.fanout import Delivery
from cgraph.realtime.frames import batch_frame
from cgraph.realtime.models import (
    Moved,
    PeopleTyping,
    PresenceChange,
    Receipt,
    ReceiptCount,
    Receipts,
    Scores,
)
from cgraph.realtime.subscription_store import statuses

NAMED_TYPING = 10
"""People named as typing; `count` has the others too."""

NAMED_PRESENT = 100
"""People in one change of presence; those above wait for the next window."""

PERSONAL = 10
"""People concerned, up to which nobody is told of themselves: each costs a frame of their own."""

NAMED_READERS = 100
"""Members of a conversation, up to which receipts have names; above they are counts."""

NAMED_SCORES = 300
"""Scores in one frame; of those above there is another."""

TYPING_MS, PRESENCE_MS, RECEIPTS_MS, SCORES_MS = 7_000, 600_000, 10_000, 600_000
"""How long each is true. Typing: its window, a second that SQS rounds up, one for the way."""

SHED_TYPING, SHED_PRESENCE = 3, 10
"""Seconds after which it is not worth a push any more."""

TYPES, IS_THERE = "t:", "p:"
"""Before a person's id, in what lane `presence` holds: whether they type, that they came or went
or said how they are.
"""

Events = list[dict[str, Any]]


async def settle(outcomes: Collection[Outcome]) -> None:
    """Tells what is to be told now and sends for the rest. Never raises: what is lost here is said
    again by the next change, or to the client's next `subscribe`.
    """
    try:
        further = [await _hold_rest(each) for each in outcomes if _rest(each)]
        fanout.push([told for each in outcomes for told in _deliveries(each)])
        coalescing.look_again([*outcomes, *further])
    except (cache.CacheUnavailable, queues.QueueUnavailable) as error:
        streams = sorted({str(each.stream) for each in outcomes})
        logger.warning("not_told", extra={"reason": str(error), "streams": streams[:10]})


def tell_readers(outcome: Outcome, *, seq: int, readers: int) -> None:
    """Raises QueueUnavailable."""
    count = ReceiptCount(seq=seq, readers=readers)
    told = [_event(outcome.stream, "receipts.counted", RECEIPTS_MS, count)]
    fanout.push([*_told(outcome, about=(), events_for=lambda _: told, shed_after=SHED_PRESENCE)])


def _deliveries(outcome: Outcome) -> Iterator[Delivery]:
    if outcome.lane is PRESENCE:
        yield from _presence(outcome)
    if outcome.lane is RECEIPTS:
        yield from _receipts(outcome)
    if outcome.lane is SCORES:
        yield from _scores(outcome)


def _presence(outcome: Outcome) -> Iterator[Delivery]:
    typing = _who(outcome, TYPES, saying="1")
    stopped = _who(outcome, TYPES, saying="0")
    moved = _who(outcome, IS_THERE)[:NAMED_PRESENT]
    there = statuses(outcome.focus.values())

    def events(me: str | None) -> Events:
        people = [
            Moved(user_id=from_short(who), status=there.get(who, "offline"))
            for who in moved
            if who != me
        ]
        change = PresenceChange(people=people)
        return [
            *_typing(outcome.stream, "typing.started", [who for who in typing if who != me]),
            *_typing(outcome.stream, "typing.stopped", [who for who in stopped if who != me]),
            *([_event(outcome.stream, "presence.changed", PRESENCE_MS, change)] if people else []),
        ]

    about = {*typing[:NAMED_TYPING], *stopped[:NAMED_TYPING]}
    if len(moved) <= PERSONAL:
        about.update(moved)
    shed_after = SHED_PRESENCE if moved else SHED_TYPING
    yield from _told(outcome, about=about, events_for=events, shed_after=shed_after)


def _receipts(outcome: Outcome) -> Iterator[Delivery]:
    def events(me: str | None) -> Events:
        read = [
            Receipt(user_id=from_short(who), seq=int(seq))
            for who, seq in outcome.changes.items()
            if who != me
        ]
        receipts = Receipts(receipts=read)
        return [_event(outcome.stream, "receipts.updated", RECEIPTS_MS, receipts)] if read else []

    about = outcome.changes if len(outcome.changes) <= PERSONAL else ()
    yield from _told(outcome, about=about, events_for=events, shed_after=SHED_PRESENCE)


def _scores(outcome: Outcome) -> Iterator[Delivery]:
    held = sorted(outcome.changes.items())
    for start in range(0, len(held), NAMED_SCORES):
        some = held[start : start + NAMED_SCORES]
        scores = Scores(scores={UUID(id): int(score) for id, score in some})
        frame = encode_json(_event(outcome.stream, "scores.updated", SCORES_MS, scores))
        targets = list(outcome.focus)
        yield {"frames": [frame], "connections": targets, "shed_after": SHED_PRESENCE}


def _told(
    outcome: Outcome,
    *,
    about: Collection[str],
    events_for: Callable[[str | None], Events],
    shed_after: float,
) -> Iterator[Delivery]:
    """One frame for all, but one of their own for each person whom it is about."""
    listeners = defaultdict(list)
    for connection, look in outcome.focus.items():
        listeners[look.user if look.user in about else None].append(connection)
    for person, connections in listeners.items():
        if events := [encode_json(event) for event in events_for(person)]:
            frame = events[0] if len(events) == 1 else batch_frame(events)
            yield {"frames": [frame], "connections": connections, "shed_after": shed_after}


def _typing(stream: Stream, event: str, people: list[str]) -> Events:
    named = PeopleTyping(user_ids=list(map(from_short, people[:NAMED_TYPING])), count=len(people))
    return [_event(stream, event, TYPING_MS, named)] if people else []


def _event(stream: Stream, event: str, ttl_ms: int, data: BaseModel) -> dict[str, Any]:
    return {
        "type": "event",
        "stream": str(stream),
        "event": event,
        "ttl_ms": ttl_ms,
        "data": data.model_dump(mode="json"),
    }


def _who(outcome: Outcome, what: str, *, saying: str | None = None) -> list[str]:
    return sorted(
        change.removeprefix(what)
        for change, value in outcome.changes.items()
        if change.startswith(what) and saying in (None, value)
    )


def _rest(outcome: Outcome) -> list[str]:
    return _who(outcome, IS_THERE)[NAMED_PRESENT:]


async def _hold_rest(outcome: Outcome) -> Outcome:
    rest = {IS_THERE + who: "" for who in _rest(outcome)}
    return await coalescing.hold(outcome.stream, PRESENCE, rest, lead=NOT_AT_ONCE, least=1)
