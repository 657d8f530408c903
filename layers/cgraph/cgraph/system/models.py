from cgraph.core.fields import Model


class Health(Model):
    status: str


class Dependency(Model):
    """`latency_ms` of one round trip; null where there was no answer."""

    ok: bool
    latency_ms: float | None


class Readiness(Model):
    status: str
    dependencies: dict[str, Dependency]


class LimitShown(Model):
    name: str
    per_minute: int
    burst: int


class Limits(Model):
    """What one person, or one address, may do; and how large things may be."""

    rates: list[LimitShown]
    content_characters: int
    frame_bytes: int
    message_bytes: int
    body_bytes: int
    group_members: int
    sync_streams: int
    sync_events: int
