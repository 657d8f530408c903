from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cgraph.core.clock import rfc3339
from cgraph.events.streams import Stream


@dataclass(frozen=True, slots=True)
class Event:
    """A durable, numbered change. `data` is JSON-ready.

    `has_own_views`: some readers see other numbers or other counts in the stream.
    """

    stream: Stream
    seq: int
    type: str
    data: dict[str, Any]
    created_at: datetime
    has_own_views: bool = False

    def as_frame(self) -> dict[str, Any]:
        """The event as docs/protocol.md shows it, over the socket and in `POST /sync` alike."""
        return {
            "type": "event",
            "stream": str(self.stream),
            "seq": self.seq,
            "event": self.type,
            "ts": rfc3339(self.created_at),
            "data": self.data,
        }
