"""What the server says of a socket itself: how it begins, that it should be left, why it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cgraph_client.backoff import spread
from cgraph_client.errors import CGraphError, RateLimited, Unauthenticated, Unreachable
from cgraph_client.reading import Document

FLOODED_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Hello:
    """`more_heads`: the person has further conversations, too many to name. `life`: in seconds,
    as far as the two clocks agree. `storm`: over how many seconds all clients spread when their
    sockets end at once."""

    heartbeat: float
    heads: Mapping[str, int]
    more_heads: bool
    life: float
    storm: float

    @classmethod
    def read(cls, document: Document) -> Hello:
        ends = datetime.fromisoformat(document["expires_at"])
        return cls(
            heartbeat=document["heartbeat_ms"] / 1000,
            heads=document["heads"],
            more_heads=document.get("more_heads", False),
            life=(ends - datetime.now(UTC)).total_seconds(),
            storm=document.get("storm_jitter_ms", 0) / 1000,
        )


@dataclass(frozen=True, slots=True)
class Departure:
    """The server asks for another socket within this many seconds."""

    within: float
    jitter: float

    @classmethod
    def read(cls, document: Document) -> Departure:
        return cls(document.get("within_ms", 0) / 1000, document.get("jitter_ms", 0) / 1000)

    def wait(self) -> float:
        return spread(min(self.within, self.jitter))


def ending(data: Document) -> CGraphError:
    """What the server closes a socket for, as what it means for the next one."""
    match data.get("reason"):
        case "session_revoked":
            return Unauthenticated("session_revoked", status=401, message="The session was ended")
        case "rate_limited":
            pause = data.get("retry_after_ms", FLOODED_SECONDS * 1000) / 1000
            message = "Too many frames in a minute"
            return RateLimited("rate_limited", status=429, message=message, retry_after=pause)
        case reason:
            return Unreachable(f"the server closes: {reason}")
