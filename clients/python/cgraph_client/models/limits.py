"""What the server limits."""

from __future__ import annotations

from dataclasses import dataclass

from cgraph_client.models.json_model import JsonModel


@dataclass(frozen=True, slots=True)
class RateLimit(JsonModel):
    """`burst`: how many requests at once."""

    name: str
    per_minute: int
    burst: int


@dataclass(frozen=True, slots=True)
class Limits(JsonModel):
    """`rates`: how often a user, or an address, may call the routes that have this limit. The
    others: the largest content of a message in characters, frame, message and body in bytes, group,
    and number of streams and events of one `sync`. `media_url`: what the `path` of a public picture
    is below."""

    rates: tuple[RateLimit, ...] = ()
    content_characters: int = 0
    frame_bytes: int = 0
    message_bytes: int = 0
    body_bytes: int = 0
    group_members: int = 0
    sync_streams: int = 0
    sync_events: int = 0
    media_url: str | None = None
