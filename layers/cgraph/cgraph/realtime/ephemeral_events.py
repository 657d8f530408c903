"""Publishes coalesced updates to the subscribers: typing, presence, receipts, scores.

These events have no number and are not kept: a client that misses one learns the same from the next
update, or from its next `subscribe`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from cgraph.core import cache, queues
from cgraph.core.encoding import encode_json
from cgraph.core.ids import from_short, short
from cgraph.core.log import logger
from cgraph.events.streams import Stream
from cgraph.realtime import coalescing, push_jobs
from cgraph.realtime.coalescing import NEVER_AT_ONCE, PRESENCE, RECEIPTS, SCORES, FlushResult
from cgraph.realtime.models import (
    PresenceChanges,
    PresenceUpdate,
    Receipt,
    ReceiptCount,
    ReceiptUpdates,
    ScoreUpdates,
    TypingUsers,
)
from cgraph.realtime.push_jobs import Delivery
from cgraph.realtime.recipients import (
    BLOCK_FIELD,
    PRESENCE_FIELD,
    TYPING_FIELD,
    Events,
    View,
    deliveries_for,
    updated_users,
)
from cgraph.realtime.subscription_store import status_by_user

TYPING_NAMES_MAX = 10
"""Users named as typing; `count` includes the others."""

PRESENCE_NAMES_MAX = 100
"""Users in one presence event; the others wait for the next window."""

OWN_FRAMES_MAX = 10
"""Up to this many users, an event leaves out each recipient's own update, which costs a frame for
each of them.
"""

RECEIPT_NAMES_MAX = 100
"""Members of a conversation up to which receipts name the reader; above, they are counts."""

SCORES_MAX = 300
"""Scores in one frame; more than these take another frame."""

TYPING_MS, PRESENCE_MS, RECEIPTS_MS, SCORES_MS = 7_000, 600_000, 10_000, 600_000
"""Time to live of each event. Typing: the window, a second that SQS rounds up, one for the way."""

TYPING_SHED_SECONDS, PRESENCE_SHED_SECONDS = 3, 10
"""Age above which the push worker drops the event."""


async def publish_flushes(results: Collection[FlushResult]) -> None:
    """Pushes what is to be published now and schedules the rest. Never raises."""
    try:
        further = [await _buffer_rest(each) for each in results if _rest(each)]
        push_jobs.enqueue([delivery for each in results for delivery in _deliveries(each)])
        coalescing.schedule_flushes([*results, *further])
    except (cache.CacheUnavailable, queues.QueueUnavailable) as error:
        streams = sorted({str(each.stream) for each in results})
        about = {"reason": str(error), "streams": streams[:10]}
        logger.warning("ephemeral_publish_failed", extra=about)


def publish_reader_count(result: FlushResult, *, seq: int, readers: int) -> None:
    """Raises QueueUnavailable."""
    count = ReceiptCount(seq=seq, readers=readers)
    event = _event(result.stream, "receipts.counted", RECEIPTS_MS, count)
    push_jobs.enqueue(
        [
            *deliveries_for(
                result,
                own=(),
                others=(),
                events_for=lambda _: [event],
                shed_after=PRESENCE_SHED_SECONDS,
            )
        ]
    )


def _deliveries(result: FlushResult) -> Iterator[Delivery]:
    if result.channel is PRESENCE:
        yield from _presence(result)
    if result.channel is RECEIPTS:
        yield from _receipts(result)
    if result.channel is SCORES:
        yield from _scores(result)


def _presence(result: FlushResult) -> Iterator[Delivery]:
    typing = updated_users(result, TYPING_FIELD, value="1")
    stopped = updated_users(result, TYPING_FIELD, value="0")
    changed = updated_users(result, PRESENCE_FIELD)[:PRESENCE_NAMES_MAX]
    statuses = status_by_user(result.subscribers.values())

    def events_for(view: View) -> Events:
        started = [each for each in typing if each not in view.without]
        ended = [each for each in stopped if each not in view.without]
        shown = {each for each in changed if each not in view.without} | view.appeared
        people = [
            PresenceUpdate(
                user_id=from_short(each),
                status="offline" if each in view.vanished else statuses.get(each, "offline"),
            )
            for each in sorted(shown | view.vanished)
        ]
        changes = PresenceChanges(people=people)
        return [
            *_typing(result.stream, "typing.started", started),
            *_typing(result.stream, "typing.stopped", [*ended, *sorted(view.vanished)]),
            *([_event(result.stream, "presence.changed", PRESENCE_MS, changes)] if people else []),
        ]

    is_typing_only = not changed and not updated_users(result, BLOCK_FIELD)
    own = {*typing[:TYPING_NAMES_MAX], *stopped[:TYPING_NAMES_MAX]}
    if len(changed) <= OWN_FRAMES_MAX:
        own.update(changed)
    yield from deliveries_for(
        result,
        own=own,
        others={*typing, *stopped, *changed},
        events_for=events_for,
        shed_after=TYPING_SHED_SECONDS if is_typing_only else PRESENCE_SHED_SECONDS,
    )


def _receipts(result: FlushResult) -> Iterator[Delivery]:
    def events_for(view: View) -> Events:
        receipts = [
            Receipt(user_id=from_short(reader), seq=int(seq))
            for reader, seq in result.updates.items()
            if reader not in view.without
        ]
        updates = ReceiptUpdates(receipts=receipts)
        return [_event(result.stream, "receipts.updated", RECEIPTS_MS, updates)] if receipts else []

    yield from deliveries_for(
        result,
        own=result.updates if len(result.updates) <= OWN_FRAMES_MAX else (),
        others=result.updates,
        events_for=events_for,
        shed_after=PRESENCE_SHED_SECONDS,
    )


def score_field(id: UUID, *, only_for: UUID | None) -> str:
    """The field in the buffer of scores. `only_for`: the user who alone sees this score."""
    return str(id) if only_for is None else f"{short(only_for)}/{id}"


def split_scores(updates: Mapping[str, str]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The scores for all subscribers, and those for one user each, by the user's short id."""
    shared: dict[str, str] = {}
    own: dict[str, dict[str, str]] = defaultdict(dict)
    for name, score in sorted(updates.items()):
        user, _, id = name.rpartition("/")
        (own[user] if user else shared)[id] = score
    return shared, own


def _scores(result: FlushResult) -> Iterator[Delivery]:
    shared, own = split_scores(result.updates)
    yield from _score_deliveries(result.stream, shared, targets=list(result.subscribers))
    for user, updates in own.items():
        targets = [key for key, each in result.subscribers.items() if each.user == user]
        yield from _score_deliveries(result.stream, updates, targets=targets)


def _score_deliveries(
    stream: Stream, updates: Mapping[str, str], *, targets: list[str]
) -> Iterator[Delivery]:
    pairs = list(updates.items())
    for start in range(0, len(pairs), SCORES_MAX):
        some = pairs[start : start + SCORES_MAX]
        scores = ScoreUpdates(scores={UUID(id): int(score) for id, score in some})
        frame = encode_json(_event(stream, "scores.updated", SCORES_MS, scores))
        yield {"frames": [frame], "connections": targets, "shed_after": PRESENCE_SHED_SECONDS}


def _typing(stream: Stream, event: str, users: list[str]) -> Events:
    named = [from_short(user) for user in users[:TYPING_NAMES_MAX]]
    data = TypingUsers(user_ids=named, count=len(users))
    return [_event(stream, event, TYPING_MS, data)] if users else []


def _event(stream: Stream, event: str, ttl_ms: int, data: BaseModel) -> dict[str, Any]:
    return {
        "type": "event",
        "stream": str(stream),
        "event": event,
        "ttl_ms": ttl_ms,
        "data": data.model_dump(mode="json"),
    }


def _rest(result: FlushResult) -> list[str]:
    return updated_users(result, PRESENCE_FIELD)[PRESENCE_NAMES_MAX:]


async def _buffer_rest(result: FlushResult) -> FlushResult:
    return await coalescing.buffer(
        result.stream,
        PRESENCE,
        {PRESENCE_FIELD + user: "" for user in _rest(result)},
        member_limit=NEVER_AT_ONCE,
        min_subscribers=1,
    )
