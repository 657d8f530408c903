from pydantic import BaseModel


class Health(BaseModel):
    status: str


class Dependency(BaseModel):
    """`latency_ms` of one round trip; null where there was no answer."""

    ok: bool
    latency_ms: float | None


class Readiness(BaseModel):
    status: str
    dependencies: dict[str, Dependency]


class LimitShown(BaseModel):
    name: str
    per_minute: int
    burst: int


class Limits(BaseModel):
    """What one person, or one address, may do; and how large things may be."""

    rates: list[LimitShown]
    content_characters: int
    frame_bytes: int
    message_bytes: int
    body_bytes: int
    group_members: int
    sync_streams: int
    sync_events: int
