"""The algorithm that makes each event appear once and in order, without a socket or a clock.

An event whose number is at or below the last one is dropped, the next number is applied, and a
later one is buffered; where the gap is still there after half a second, the stream is synced.
Delivery may repeat, reorder and lose events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cgraph_client.core.errors import ProtocolError
from cgraph_client.models.changes import (
    CONVERSATION_STREAM,
    USER_STREAM,
    Change,
    Event,
    Snapshot,
    StreamAdded,
    StreamRemoved,
)
from cgraph_client.models.sync import StreamSync
from cgraph_client.realtime.stream_position import StreamPosition
from cgraph_client.realtime.sync_schedule import SyncSchedule

GAP_SECONDS = 0.5
"""How long a missing event may take to arrive by itself before its stream is synced."""


class StreamTracker:
    """The position in each followed stream. Methods return the changes to yield, in order. `now`
    is in seconds, of any clock that only goes forward."""

    def __init__(self, cursors: Mapping[str, int] | None = None) -> None:
        self._positions = {name: StreamPosition(last) for name, last in (cursors or {}).items()}
        self._removed: dict[str, int] = {}  # the last number of each stream without access
        self._schedule = SyncSchedule()
        self._unexplained: set[str] = set()  # streams that the user's own one must announce
        self._events_before_hello: list[Event] = []
        self._had_hello = False

    @property
    def cursors(self) -> dict[str, int]:
        return {name: position.last for name, position in self._positions.items()}

    def apply_hello(self, heads: Mapping[str, int], *, now: float) -> list[Change]:
        """Takes the heads of all streams of the user.

        The server, which knows the cursors, pushes small gaps by itself, so the sync waits as it
        does for other pushes.
        """
        is_first, self._had_hello = not self._had_hello, True
        if is_first and not self._positions:
            changes = [change for name, head in heads.items() for change in self._add(name, head)]
        else:
            changes = self._compare(heads, sync_at=now + GAP_SECONDS, is_first=is_first)
        early, self._events_before_hello = self._events_before_hello, []
        return changes + [change for event in early for change in self.apply_event(event, now=now)]

    def apply_heads(
        self, heads: Mapping[str, int], *, now: float, patience: float = GAP_SECONDS
    ) -> list[Change]:
        """Takes heads of some streams. Their events may arrive by themselves for `patience`
        seconds."""
        changes: list[Change] = []
        for name, head in heads.items():
            if name not in self._removed:
                changes += self._discover(name, now=now)
            if name in self._positions:
                self._raise_head(name, head, sync_at=now + patience)
        return changes

    def request_sync(self, name: str, *, now: float) -> None:
        """Syncs a followed stream at this time, whatever its head is."""
        if name in self._positions:
            self._positions[name].is_doubtful = True
            self._schedule.sync_by(name, now)

    def request_sync_of_all(self, *, now: float) -> None:
        for name in self._positions:
            self.request_sync(name, now=now)

    def apply_event(self, event: Event, *, now: float) -> list[Change]:
        """Takes a pushed event."""
        if not self._had_hello and not self._positions:
            self._events_before_hello.append(event)  # the heads say from where to follow
            return []
        if event.seq is None:
            return [event]
        if event.stream in self._removed:
            return []
        if event.partial:
            return self.apply_heads({event.stream: event.seq}, now=now, patience=0.0)
        changes = self._discover(event.stream, now=now)
        if event.stream not in self._positions:
            return changes
        position = self._positions[event.stream]
        before = position.last
        position.buffer(event, seq=event.seq)
        changes += self._pop_buffered(position)
        if position.last > before and not position.is_doubtful:
            self._schedule.cancel(event.stream)
        self._raise_head(event.stream, event.seq, sync_at=now + GAP_SECONDS)
        return changes + self._add_unexplained(after=event.stream, now=now)

    def streams_to_sync(self, now: float) -> dict[str, int]:
        """Returns the cursors of the streams to sync now."""
        return {name: self._positions[name].last for name in self._schedule.due(now)}

    def next_sync_time(self) -> float | None:
        return self._schedule.next_time()

    def begin_sync(self, names: Iterable[str]) -> None:
        """Must be called with the names of the streams before they are synced."""
        for name in names:
            self._positions[name].joined_since_sync = False

    def apply_sync(self, name: str, answer: StreamSync, *, cursor: int, now: float) -> list[Change]:
        """Takes the answer of a sync for one stream. `cursor` is the one that was sent."""
        position = self._positions.get(name)
        if position is None:
            return []
        if answer.gone:
            return [] if position.joined_since_sync else self._remove(name)
        before = position.last
        changes = self._apply_snapshot(name, position, answer, cursor=cursor)
        changes += self._apply_log(name, position, answer)
        position.is_doubtful = False
        self._schedule.cancel(name)
        again_at = now if position.last != before else now + GAP_SECONDS
        self._raise_head(name, answer.head, sync_at=again_at)
        return changes + self._add_unexplained(after=name, now=now)

    def _compare(self, heads: Mapping[str, int], *, sync_at: float, is_first: bool) -> list[Change]:
        changes: list[Change] = []
        has_user_news = any(
            name.startswith(USER_STREAM)
            and name in self._positions
            and head > self._positions[name].last
            for name, head in heads.items()
        )
        for name, head in heads.items():
            if has_user_news and name not in self._positions and name not in self._removed:
                self._discover(name, now=sync_at - GAP_SECONDS)
                continue
            changes += self._add(name, self._removed.pop(name, 0))
            # A head below the cursor of a resume is not a late head, but another history.
            self._positions[name].is_doubtful = is_first and head < self._positions[name].last
            self._raise_head(name, head, sync_at=sync_at)
        for name in self._positions.keys() - heads.keys():
            self._positions[name].is_doubtful = True
            self._schedule.sync_by(name, sync_at)
        return changes

    def _raise_head(self, name: str, head: int, *, sync_at: float) -> None:
        position = self._positions[name]
        position.head = max(position.head, head)
        if position.is_complete:
            self._schedule.cancel(name)
        else:
            self._schedule.sync_by(name, sync_at)

    def _discover(self, name: str, *, now: float) -> list[Change]:
        """Takes note of a stream that may be unknown. The user's own stream announces it, and must
        be yielded first, so that stream is synced."""
        if name in self._positions:
            return []
        own = next((known for known in self._positions if known.startswith(USER_STREAM)), None)
        if own is None:
            return self._add(name, 0)
        self._unexplained.add(name)
        self.request_sync(own, now=now + GAP_SECONDS)
        return []

    def _add_unexplained(self, *, after: str, now: float) -> list[Change]:
        """Follows the streams that the user's own stream has not announced, once it is complete."""
        changes: list[Change] = []
        if not (
            self._unexplained
            and after.startswith(USER_STREAM)
            and self._positions[after].is_complete
        ):
            return changes
        for name in sorted(self._unexplained - self._positions.keys() - self._removed.keys()):
            changes += self._add(name, 0)
            self.request_sync(name, now=now)
        self._unexplained.clear()
        return changes

    def _add(self, name: str, last: int) -> list[Change]:
        if name in self._positions:
            return []
        self._positions[name] = StreamPosition(last, head=last)
        return [StreamAdded(name, last)]

    def _remove(self, name: str) -> list[Change]:
        position = self._positions.pop(name, None)
        if position is None:
            return []
        self._schedule.cancel(name)
        self._removed[name] = position.last
        return [StreamRemoved(name)]

    def _pop_buffered(self, position: StreamPosition) -> list[Change]:
        changes: list[Change] = []
        while (event := position.pop_next()) is not None:
            changes.append(event)
            changes += self._apply_membership(event)
        return changes

    def _apply_membership(self, event: Event) -> list[Change]:
        match event.event, event.data:
            case "conversation.joined", {"conversation": {"id": joined} as conversation}:
                name, head = f"{CONVERSATION_STREAM}{joined}", int(conversation.get("head", 0))
                # Events above the head were yielded before the user's own stream reported that the
                # user had left and come back: they are yielded again.
                changes = self._add(name, min(head, self._removed.pop(name, head)))
                position = self._positions[name]
                position.is_doubtful = position.joined_since_sync = True
                self._schedule.sync_by(name, 0.0)
                return changes
            case "conversation.left", {"conversation_id": left}:
                return self._remove(f"{CONVERSATION_STREAM}{left}")
        return []

    def _apply_snapshot(
        self, name: str, position: StreamPosition, answer: StreamSync, *, cursor: int
    ) -> list[Change]:
        is_overtaken = position.last != cursor and position.last >= answer.head
        if not answer.limited or is_overtaken:
            return []
        position.jump_to(answer.head)
        snapshot = Snapshot(
            name, answer.head, answer.messages, answer.unread_count, answer.conversation
        )
        return [snapshot, *self._pop_buffered(position)]

    def _apply_log(self, name: str, position: StreamPosition, answer: StreamSync) -> list[Change]:
        changes: list[Change] = []
        for event in answer.events:
            if event.seq is None or event.seq > position.last + 1:
                raise ProtocolError(f"the sync of {name} skips from {position.last} to {event.seq}")
            position.buffer(event, seq=event.seq)
            changes += self._pop_buffered(position)
        if answer.to > position.last:
            raise ProtocolError(f"the sync of {name} ends at {position.last}, not at {answer.to}")
        return changes
