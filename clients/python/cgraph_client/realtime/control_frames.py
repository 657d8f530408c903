"""Frames about the socket itself: `hello`, `reconnect` and `closing`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cgraph_client.core.backoff import jitter
from cgraph_client.core.errors import CGraphError, RateLimited, Unauthenticated, Unreachable
from cgraph_client.core.parsing import JsonObject

DEFAULT_RETRY_AFTER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Hello:
    """The answer to `hello`; times are in seconds.

    `heartbeat`: between pings. `heads`: the number of the last event by stream. `more_heads`: the
    user has more conversations than `heads` has. `lifetime`: until the server closes the socket,
    as far as the two clocks agree. `storm_jitter`: over which clients spread their reconnects when
    many sockets end at once.
    """

    heartbeat: float
    heads: Mapping[str, int]
    more_heads: bool
    lifetime: float
    storm_jitter: float

    @classmethod
    def from_json(cls, document: JsonObject) -> Hello:
        expires_at = datetime.fromisoformat(document["expires_at"])
        return cls(
            heartbeat=document["heartbeat_ms"] / 1000,
            heads=document["heads"],
            more_heads=document.get("more_heads", False),
            lifetime=(expires_at - datetime.now(UTC)).total_seconds(),
            storm_jitter=document.get("storm_jitter_ms", 0) / 1000,
        )


@dataclass(frozen=True, slots=True)
class ReconnectRequest:
    """The server asks the client to open another socket: at a random time up to `jitter` seconds
    from now, and at the latest in `within` seconds."""

    within: float
    jitter: float

    @classmethod
    def from_json(cls, document: JsonObject) -> ReconnectRequest:
        return cls(document.get("within_ms", 0) / 1000, document.get("jitter_ms", 0) / 1000)

    def delay(self) -> float:
        return jitter(min(self.within, self.jitter))


def closing_error(data: JsonObject) -> CGraphError:
    """Returns the error for the reason in a `closing` frame. A transient one allows another
    socket."""
    match data.get("reason"):
        case "session_revoked":
            return Unauthenticated("session_revoked", status=401, message="The session was ended")
        case "rate_limited":
            delay = data.get("retry_after_ms", DEFAULT_RETRY_AFTER_SECONDS * 1000) / 1000
            message = "Too many frames in a minute"
            return RateLimited("rate_limited", status=429, message=message, retry_after=delay)
        case reason:
            return Unreachable(f"the server closes: {reason}")
