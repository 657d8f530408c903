"""The client's whole algorithm (protocol.md, rules 2 and 4), without a socket or a clock.

A number at or below the last is dropped, the next one is applied, a later one is held for half a
second and then the stream is synced. Delivery may repeat, reorder and lose; what is told does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cgraph_client.changes import Change, Event, Following, Gone, Snapshot, StreamPart
from cgraph_client.errors import ProtocolError

HOLD_SECONDS = 0.5
OWN = "user:"
MAX_HELD = 1_000  # a stream; what comes above is not lost, the sync brings it


@dataclass(slots=True)
class _Stream:
    last: int
    head: int = 0  # the highest number known to exist
    held: dict[int, Event] = field(default_factory=dict)
    unsure: bool = False  # only the server can say how this one stands
    joined: bool = False  # since anybody asked: what is answered is about the time before

    def hold(self, event: Event, *, seq: int) -> None:
        self.head = max(self.head, seq)
        if seq == self.last + 1 or (seq > self.last and len(self.held) < MAX_HELD):
            self.held[seq] = event

    @property
    def is_complete(self) -> bool:
        return self.last >= self.head and not self.unsure


class Streams:
    """Where each followed stream stands. Times are seconds of any clock that only goes forward."""

    def __init__(self, cursors: Mapping[str, int] | None = None) -> None:
        self._streams = {name: _Stream(last) for name, last in (cursors or {}).items()}
        self._left: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._unmet: set[str] = set()
        self._early: list[Event] = []
        self._greeted = False

    @property
    def cursors(self) -> dict[str, int]:
        return {name: stream.last for name, stream in self._streams.items()}

    def greet(self, heads: Mapping[str, int], *, now: float) -> list[Change]:
        """Takes all heads there are, as a `hello` brings them.

        A server that was told the cursors sends what is missing by itself, as far as that is
        little; so the sync waits as it does for other pushes.
        """
        is_first, self._greeted = not self._greeted, True
        if is_first and not self._streams:
            told = [change for name, head in heads.items() for change in self._follow(name, head)]
        else:
            told = self._compare(heads, sync_by=now + HOLD_SECONDS, is_first=is_first)
        early, self._early = self._early, []
        return told + [change for event in early for change in self.receive(event, now=now)]

    def note_heads(
        self, heads: Mapping[str, int], *, now: float, patience: float = HOLD_SECONDS
    ) -> list[Change]:
        """Takes the heads of a `pong`; the pushes they stand for may still be on their way."""
        told: list[Change] = []
        for name, head in heads.items():
            if name not in self._left:
                told += self._meet(name, now=now)
            if name in self._streams:
                self._raise_head(name, head, sync_by=now + patience)
        return told

    def doubt(self, name: str, *, now: float) -> None:
        """Something else says that there is news of this stream: the sync will tell."""
        if name in self._streams:
            self._streams[name].unsure = True
            self._sync_by(name, now)

    def doubt_all(self, *, now: float) -> None:
        """Nobody tells heads just now."""
        for name in self._streams:
            self.doubt(name, now=now)

    def receive(self, event: Event, *, now: float) -> list[Change]:
        """Takes a pushed event and gives what can be told now, in order."""
        if not self._greeted and not self._streams:
            self._early.append(event)  # only the heads can say from where to follow
            return []
        if event.seq is None:
            return [event]
        if event.stream in self._left:
            return []
        if event.partial:
            return self.note_heads({event.stream: event.seq}, now=now, patience=0.0)
        told = self._meet(event.stream, now=now)
        if event.stream not in self._streams:
            return told
        stream = self._streams[event.stream]
        before = stream.last
        stream.hold(event, seq=event.seq)
        told += self._tell_held(stream)
        if stream.last > before and not stream.unsure:
            self._due.pop(event.stream, None)
        self._raise_head(event.stream, event.seq, sync_by=now + HOLD_SECONDS)
        return told + self._follow_unmet(after=event.stream, now=now)

    def settle(self, name: str, part: StreamPart, *, asked_from: int, now: float) -> list[Change]:
        """Takes the answer of a sync that asked for what follows `asked_from`."""
        stream = self._streams.get(name)
        if stream is None:
            return []
        if part.gone:
            return [] if stream.joined else self._forget(name)
        before = stream.last
        told = self._take_snapshot(name, stream, part, asked_from=asked_from)
        told += self._take_events(name, stream, part)
        stream.unsure = False
        self._due.pop(name, None)
        again = now if stream.last != before else now + HOLD_SECONDS
        self._raise_head(name, part.head, sync_by=again)
        return told + self._follow_unmet(after=name, now=now)

    def due(self, now: float) -> dict[str, int]:
        """The cursors to sync now."""
        return {name: self._streams[name].last for name, by in self._due.items() if by <= now}

    def ask(self, names: Iterable[str]) -> None:
        """To be told which of them a sync asks about, before it does."""
        for name in names:
            self._streams[name].joined = False

    def next_due(self) -> float | None:
        return min(self._due.values(), default=None)

    def _compare(self, heads: Mapping[str, int], *, sync_by: float, is_first: bool) -> list[Change]:
        told: list[Change] = []
        is_news = any(
            name.startswith(OWN) and name in self._streams and head > self._streams[name].last
            for name, head in heads.items()
        )
        for name, head in heads.items():
            if is_news and name not in self._streams and name not in self._left:
                self._meet(name, now=sync_by - HOLD_SECONDS)
                continue
            told += self._follow(name, self._left.pop(name, 0))
            # Behind one's own cursor after a resume: not a late head, but another history.
            self._streams[name].unsure = is_first and head < self._streams[name].last
            self._raise_head(name, head, sync_by=sync_by)
        for name in self._streams.keys() - heads.keys():
            self._streams[name].unsure = True
            self._sync_by(name, sync_by)
        return told

    def _raise_head(self, name: str, head: int, *, sync_by: float) -> None:
        stream = self._streams[name]
        stream.head = max(stream.head, head)
        if stream.is_complete:
            self._due.pop(name, None)
        else:
            self._sync_by(name, sync_by)

    def _sync_by(self, name: str, when: float) -> None:
        self._due[name] = min(self._due.get(name, when), when)

    def _meet(self, name: str, *, now: float) -> list[Change]:
        """A stream that nobody spoke of: one's own tells why it is there, and comes first."""
        if name in self._streams:
            return []
        own = next((known for known in self._streams if known.startswith(OWN)), None)
        if own is None:
            return self._follow(name, 0)
        self._unmet.add(name)
        self.doubt(own, now=now + HOLD_SECONDS)
        return []

    def _follow_unmet(self, *, after: str, now: float) -> list[Change]:
        """What one's own stream did not speak of either, once all of it is known."""
        told: list[Change] = []
        if not (self._unmet and after.startswith(OWN) and self._streams[after].is_complete):
            return told
        for name in sorted(self._unmet - self._streams.keys() - self._left.keys()):
            told += self._follow(name, 0)
            self.doubt(name, now=now)
        self._unmet.clear()
        return told

    def _follow(self, name: str, last: int) -> list[Change]:
        if name in self._streams:
            return []
        self._streams[name] = _Stream(last, head=last)
        return [Following(name, last)]

    def _forget(self, name: str) -> list[Change]:
        stream = self._streams.pop(name, None)
        if stream is None:
            return []
        self._due.pop(name, None)
        self._left[name] = stream.last
        return [Gone(name)]

    def _tell_held(self, stream: _Stream) -> list[Change]:
        told: list[Change] = []
        while (event := stream.held.pop(stream.last + 1, None)) is not None:
            stream.last += 1
            told.append(event)
            told += self._tell_membership(event)
        return told

    def _tell_membership(self, event: Event) -> list[Change]:
        match event.event, event.data:
            case "conversation.joined", {"conversation": {"id": joined} as talk}:
                name, head = f"conv:{joined}", int(talk.get("head", 0))
                # What was told beyond it came before one's own stream said that one had been out.
                told = self._follow(name, min(head, self._left.pop(name, head)))
                self._streams[name].unsure = self._streams[name].joined = True
                self._sync_by(name, 0.0)
                return told
            case "conversation.left", {"conversation_id": left}:
                return self._forget(f"conv:{left}")
        return []

    def _take_snapshot(
        self, name: str, stream: _Stream, part: StreamPart, *, asked_from: int
    ) -> list[Change]:
        overtaken = stream.last != asked_from and stream.last >= part.head
        if not part.limited or overtaken:
            return []
        stream.last = part.head
        stream.held = {seq: event for seq, event in stream.held.items() if seq > part.head}
        stream.head = max(part.head, *stream.held, 0)
        return [
            Snapshot(name, part.head, part.messages, part.unread_count, part.conversation),
            *self._tell_held(stream),
        ]

    def _take_events(self, name: str, stream: _Stream, part: StreamPart) -> list[Change]:
        told: list[Change] = []
        for event in part.events:
            if event.seq is None or event.seq > stream.last + 1:
                raise ProtocolError(f"the sync of {name} skips from {stream.last} to {event.seq}")
            stream.hold(event, seq=event.seq)
            told += self._tell_held(stream)
        if part.to > stream.last:
            raise ProtocolError(f"the sync of {name} ends at {stream.last}, not at {part.to}")
        return told
