"""How far one stream has been processed."""

from __future__ import annotations

from dataclasses import dataclass, field

from cgraph_client.models.changes import Event

MAX_BUFFERED = 1_000
"""Events of one stream; a sync brings those that are not buffered."""


@dataclass(slots=True)
class StreamPosition:
    """`last`: the number of the last event that was yielded. `head`: the highest number known to
    exist. `buffered`: later events by number, which wait for those before them.

    `is_doubtful`: only a sync can tell the state of the stream. `joined_since_sync`: the user has
    joined since the sync in progress began, so its answer describes the time before.
    """

    last: int
    head: int = 0
    buffered: dict[int, Event] = field(default_factory=dict)
    is_doubtful: bool = False
    joined_since_sync: bool = False

    @property
    def is_complete(self) -> bool:
        return self.last >= self.head and not self.is_doubtful

    def buffer(self, event: Event, *, seq: int) -> None:
        """Keeps the event until it is its turn; drops it where it has been yielded or the buffer
        is full."""
        self.head = max(self.head, seq)
        if seq == self.last + 1 or (seq > self.last and len(self.buffered) < MAX_BUFFERED):
            self.buffered[seq] = event

    def pop_next(self) -> Event | None:
        """Returns the event that follows the last one, if it is there."""
        event = self.buffered.pop(self.last + 1, None)
        if event is not None:
            self.last += 1
        return event

    def jump_to(self, head: int) -> None:
        """Skips the events up to this number."""
        self.last = head
        self.buffered = {seq: event for seq, event in self.buffered.items() if seq > head}
        self.head = max(head, *self.buffered, 0)
