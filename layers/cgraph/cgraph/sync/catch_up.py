"""Catching up: what each stream had after a cursor. Never a refusal, never a silent gap."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Any
from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations import actions as conversations
from cgraph.chat.errors import ConversationNotFound
from cgraph.chat.messages.history import actions as messages
from cgraph.chat.messages.visibility import event_for_member
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.events.models import Event
from cgraph.events.streams import Stream, StreamKind
from cgraph.realtime.models import StreamHead
from cgraph.realtime.queries import heads_of
from cgraph.sync import queries
from cgraph.sync.models import Snapshot, StoredEvent, StreamGap, SyncReply
from cgraph.sync.rules import GAP_EVENTS_MAX

SNAPSHOT_MESSAGES = 50
SNAPSHOTS_MAX = 20
"""Snapshots in one answer; further limited streams come with the next."""


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """What this answer gives of one stream: the events after `after` up to `up_to`. `head`: None
    where the caller may not read the stream. `has_own_view`: see StreamHead.
    """

    stream: Stream
    after: int
    head: int | None
    up_to: int
    has_own_view: bool = False

    @property
    def limited(self) -> bool:
        return self.head is not None and _is_limited(after=self.after, head=self.head)


async def catch_up(
    tx: Transaction,
    *,
    caller: Caller,
    cursors: Mapping[Stream, int],
    limit: int,
    known: Sequence[StreamHead] = (),
) -> SyncReply:
    """Two statements, whatever the number of streams, and three for each that is limited; one for
    each of which the caller has a view of their own.

    `known`: heads that the caller of this function has just read, which save the first statement.
    """
    heads = await _heads(tx, caller=caller, cursors=cursors, known=known)
    member = replace(caller, policy=policies.MEMBER)  # for the snapshots
    plans = _plan(cursors, heads={(head.kind, head.id): head for head in heads}, limit=limit)
    events = await _events(tx, plans=plans, reader=caller.id)
    incomplete = {plan.stream for plan in plans if not _has_all_events(plan, by=events)}
    now, later = _split_by_snapshots(plans, incomplete=incomplete)
    reply = SyncReply(streams={}, next=None)
    for plan in now:
        if plan.stream in incomplete:
            reply.streams[str(plan.stream)] = await _limited_gap(tx, plan, reader=member)
        else:
            reply.streams[str(plan.stream)] = _gap(plan, events=events)
    behind = [
        plan
        for plan in now
        if plan.stream not in incomplete and plan.head is not None and plan.up_to < plan.head
    ]
    cursors_behind = {str(plan.stream): plan.up_to for plan in behind}
    reply.next = cursors_behind | {str(plan.stream): plan.after for plan in later} or None
    return reply


def cut_to_size(reply: SyncReply, *, at_most: int, weigh: Callable[[Any], int]) -> None:
    """Leaves for `next` what exceeds so many bytes of events and snapshots. The first one is always
    kept, so that the client makes progress.
    """
    size, cursors = 0, dict(reply.next or {})
    for stream, gap in list(reply.streams.items()):
        if gap.snapshot is not None and gap.from_ is not None:
            weight = weigh(gap.snapshot)
            if size and size + weight > at_most:
                cursors[stream] = gap.from_
                del reply.streams[stream]
            size += weight
        elif gap.events and gap.from_ is not None:
            sizes = [weigh(event) for event in gap.events]
            fitting = sum(size + total <= at_most for total in accumulate(sizes)) or int(not size)
            size += sum(sizes)
            if fitting < len(sizes):
                gap.events = gap.events[:fitting]
                gap.to = cursors[stream] = gap.from_ + fitting
    reply.next = cursors or None


async def _heads(
    tx: Transaction, *, caller: Caller, cursors: Iterable[Stream], known: Sequence[StreamHead]
) -> list[StreamHead]:
    known_ids = {head.id for head in known}
    missing = [stream.id for stream in cursors if stream.id not in known_ids]
    if not missing:
        return list(known)
    return [*known, *await heads_of(tx, reader=caller.id, streams=missing)]


def _is_limited(*, after: int, head: int) -> bool:
    """Too far behind, or ahead of a head that a restored database no longer has."""
    return not 0 <= head - after <= GAP_EVENTS_MAX


def _plan(
    cursors: Mapping[Stream, int], *, heads: Mapping[tuple[str, UUID], StreamHead], limit: int
) -> list[StreamPlan]:
    plans = []
    for stream, after in cursors.items():
        head = heads.get((stream.kind, stream.id))
        up_to = after
        if head is not None and not _is_limited(after=after, head=head.head):
            up_to = min(head.head, after + limit)
            limit -= up_to - after
        has_own_view = head is not None and head.has_own_view
        plans.append(StreamPlan(stream, after, head.head if head else None, up_to, has_own_view))
    return plans


def _has_all_events(plan: StreamPlan, *, by: Mapping[UUID, list[StoredEvent]]) -> bool:
    """Whether the log still has every event of the plan."""
    numbers = [event.seq for event in by.get(plan.stream.id, ())]
    return not plan.limited and numbers == list(range(plan.after + 1, plan.up_to + 1))


def _split_by_snapshots(
    plans: Sequence[StreamPlan], *, incomplete: Container[Stream]
) -> tuple[list[StreamPlan], list[StreamPlan]]:
    now: list[StreamPlan] = []
    later: list[StreamPlan] = []
    snapshots = 0
    for plan in plans:
        is_limited = plan.stream in incomplete
        snapshots += is_limited
        (later if is_limited and snapshots > SNAPSHOTS_MAX else now).append(plan)
    return now, later


async def _events(
    tx: Transaction, *, plans: Iterable[StreamPlan], reader: UUID
) -> dict[UUID, list[StoredEvent]]:
    missing = [plan for plan in plans if plan.up_to > plan.after]
    ranges = [(each.stream.id, each.after, each.up_to) for each in missing if not each.has_own_view]
    rows = await queries.events_between(tx, reader=reader, ranges=ranges) if ranges else []
    events = {
        stream: list(events) for stream, events in groupby(rows, key=lambda event: event.stream_id)
    }
    for plan in missing:
        if plan.has_own_view:
            events[plan.stream.id] = await queries.reader_events_between(
                tx, stream_id=plan.stream.id, reader=reader, after=plan.after, up_to=plan.up_to
            )
    return events


def _gap(plan: StreamPlan, *, events: Mapping[UUID, list[StoredEvent]]) -> StreamGap:
    if plan.head is None:
        return StreamGap(gone=True)
    frames = [_frame(plan.stream, event) for event in events.get(plan.stream.id, ())]
    return StreamGap(from_=plan.after, to=plan.up_to, head=plan.head, limited=False, events=frames)


def _frame(stream: Stream, stored: StoredEvent) -> dict[str, Any]:
    """The event as the reader may see it."""
    event = Event(stream, stored.seq, stored.type, stored.payload, stored.created_at)
    if stream.kind is not StreamKind.CONVERSATION:
        return event.as_frame()
    after = stored.seq if stored.history_after is None else stored.history_after
    return event_for_member(event, history_after=after).as_frame()


async def _limited_gap(tx: Transaction, plan: StreamPlan, *, reader: Caller) -> StreamGap:
    """Only a conversation has a snapshot. For other streams the client asks GET /me,
    GET /conversations, GET /forums/{slug}/posts and GET /posts/{id}/comments.
    """
    gap = StreamGap(from_=plan.after, to=plan.head, head=plan.head, limited=True, events=[])
    if plan.stream.kind is StreamKind.CONVERSATION:
        try:
            gap.snapshot = await _snapshot(tx, conversation_id=plan.stream.id, reader=reader)
        except ConversationNotFound:
            return StreamGap(gone=True)
        gap.to = gap.head = gap.snapshot.conversation.head
    return gap


async def _snapshot(tx: Transaction, *, conversation_id: UUID, reader: Caller) -> Snapshot:
    """Reads the conversation first: an event in between is then after `head`, and comes by
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
