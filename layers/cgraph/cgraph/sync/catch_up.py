"""Catching up: what each stream had after a cursor. Never a refusal, never a silent gap."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Any
from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations import actions as conversations
from cgraph.chat.errors import ConversationNotFound
from cgraph.chat.messages import actions as messages
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.events.models import Event
from cgraph.events.streams import Stream, StreamKind
from cgraph.realtime.models import Head
from cgraph.realtime.queries import heads_of
from cgraph.sync import queries
from cgraph.sync.models import Snapshot, StoredEvent, StreamGap, SyncReply

GAP_AT_MOST = 1000
"""Events behind; a client further behind gets a snapshot."""

SNAPSHOT_MESSAGES = 50
SNAPSHOTS_AT_MOST = 20
"""In one answer; further limited streams come with the next."""


@dataclass(frozen=True, slots=True)
class Part:
    """What this answer gives of one stream: the events after `after` up to `up_to`. No `head`: no
    access.
    """

    stream: Stream
    after: int
    head: int | None
    up_to: int

    @property
    def limited(self) -> bool:
        return self.head is not None and _is_limited(after=self.after, head=self.head)


async def catch_up(
    tx: Transaction,
    *,
    caller: Caller,
    cursors: Mapping[Stream, int],
    limit: int,
    known: Sequence[Head] = (),
) -> SyncReply:
    """Two statements, whatever the number of streams, and three for each that is limited. `known`:
    heads that were read just now for this caller, which spare the first statement.
    """
    heads = await _heads(tx, caller=caller, cursors=cursors, known=known)
    member = replace(caller, policy=policies.MEMBER)  # for the snapshots
    parts = _plan(cursors, heads={(head.kind, head.id): head for head in heads}, limit=limit)
    events = await _events(tx, parts=parts)
    unfilled = {part.stream for part in parts if not _is_filled(part, by=events)}
    now, later = _within_snapshots(parts, unfilled=unfilled)
    reply = SyncReply(streams={}, next=None)
    for part in now:
        if part.stream in unfilled:
            reply.streams[str(part.stream)] = await _limited(tx, part, reader=member)
        else:
            reply.streams[str(part.stream)] = _gap(part, events=events)
    behind = [
        part
        for part in now
        if part.stream not in unfilled and part.head is not None and part.up_to < part.head
    ]
    left = {str(part.stream): part.up_to for part in behind}
    reply.next = left | {str(part.stream): part.after for part in later} or None
    return reply


def cut(reply: SyncReply, *, at_most: int, weigh: Callable[[Any], int]) -> None:
    """What is more than so many bytes of events and snapshots is left for `next`, but for the first
    of all: or nobody would ever have it.
    """
    size, left = 0, dict(reply.next or {})
    for stream, gap in list(reply.streams.items()):
        if gap.snapshot is not None and gap.from_ is not None:
            weight = weigh(gap.snapshot)
            if size and size + weight > at_most:
                left[stream] = gap.from_
                del reply.streams[stream]
            size += weight
        elif gap.events and gap.from_ is not None:
            sizes = [weigh(event) for event in gap.events]
            fitting = sum(size + total <= at_most for total in accumulate(sizes)) or int(not size)
            size += sum(sizes)
            if fitting < len(sizes):
                gap.events = gap.events[:fitting]
                gap.to = left[stream] = gap.from_ + fitting
    reply.next = left or None


async def _heads(
    tx: Transaction, *, caller: Caller, cursors: Iterable[Stream], known: Sequence[Head]
) -> list[Head]:
    there = {head.id for head in known}
    missing = [stream.id for stream in cursors if stream.id not in there]
    if not missing:
        return list(known)
    return [*known, *await heads_of(tx, reader=caller.id, streams=missing)]


def _is_limited(*, after: int, head: int) -> bool:
    """Too far behind, or ahead of a head that a restored database no longer has."""
    return not 0 <= head - after <= GAP_AT_MOST


def _plan(
    cursors: Mapping[Stream, int], *, heads: Mapping[tuple[str, UUID], Head], limit: int
) -> list[Part]:
    parts = []
    for stream, after in cursors.items():
        head = heads.get((stream.kind, stream.id))
        up_to = after
        if head is not None and not _is_limited(after=after, head=head.head):
            up_to = min(head.head, after + limit)
            limit -= up_to - after
        parts.append(Part(stream, after, head.head if head else None, up_to))
    return parts


def _is_filled(part: Part, *, by: Mapping[UUID, list[StoredEvent]]) -> bool:
    """By events: it is not limited, and none is older than what the log keeps."""
    found = [event.seq for event in by.get(part.stream.id, ())]
    return not part.limited and found == list(range(part.after + 1, part.up_to + 1))


def _within_snapshots(
    parts: Sequence[Part], *, unfilled: Container[Stream]
) -> tuple[list[Part], list[Part]]:
    now: list[Part] = []
    later: list[Part] = []
    snapshots = 0
    for part in parts:
        is_limited = part.stream in unfilled
        snapshots += is_limited
        (later if is_limited and snapshots > SNAPSHOTS_AT_MOST else now).append(part)
    return now, later


async def _events(tx: Transaction, *, parts: Iterable[Part]) -> dict[UUID, list[StoredEvent]]:
    ranges = [(part.stream.id, part.after, part.up_to) for part in parts if part.up_to > part.after]
    if not ranges:
        return {}
    rows = await queries.events_between(tx, ranges=ranges)
    return {
        stream: list(events) for stream, events in groupby(rows, key=lambda event: event.stream_id)
    }


def _gap(part: Part, *, events: Mapping[UUID, list[StoredEvent]]) -> StreamGap:
    if part.head is None:
        return StreamGap(gone=True)
    frames = [
        Event(part.stream, event.seq, event.type, event.payload, event.created_at).as_frame()
        for event in events.get(part.stream.id, ())
    ]
    return StreamGap(from_=part.after, to=part.up_to, head=part.head, limited=False, events=frames)


async def _limited(tx: Transaction, part: Part, *, reader: Caller) -> StreamGap:
    """Only a conversation has a snapshot. What the others' would tell, GET /me, GET /conversations,
    GET /forums/{slug}/posts and GET /posts/{id}/comments show.
    """
    gap = StreamGap(from_=part.after, to=part.head, head=part.head, limited=True, events=[])
    if part.stream.kind is StreamKind.CONVERSATION:
        try:
            gap.snapshot = await _snapshot(tx, conversation_id=part.stream.id, reader=reader)
        except ConversationNotFound:
            return StreamGap(gone=True)
        gap.to = gap.head = gap.snapshot.conversation.head
    return gap


async def _snapshot(tx: Transaction, *, conversation_id: UUID, reader: Caller) -> Snapshot:
    """The conversation is read first: an event in between is then after `head`, and comes by
    itself.
    """
    conversation = await conversations.show_conversation(tx, id=conversation_id, caller=reader)
    newest_first = await messages.messages_before(
        tx,
        caller=reader,
        conversation_id=conversation_id,
        before=conversation.head + 1,
        limit=SNAPSHOT_MESSAGES,
    )
    return Snapshot(
        messages=newest_first[::-1],
        unread_count=conversation.unread_count,
        conversation=conversation,
    )
