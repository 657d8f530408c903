from pydantic import Field

from cgraph.core.fields import Model


class Health(Model):
    status: str = Field(description="Always `ok`.")


class Dependency(Model):
    """A service that CGraph depends on."""

    ok: bool = Field(description="Whether it answered.")
    latency_ms: float | None = Field(
        description="Time of one round trip in milliseconds; null where there was no answer."
    )


class Readiness(Model):
    status: str = Field(description="Always `ready`: otherwise the answer is 503.")
    dependencies: dict[str, Dependency] = Field(
        description="`database` (Postgres), `cache` (Valkey) and `queues` (SQS)."
    )


class RateLimit(Model):
    """How many requests a user may make; of routes without a session, how many an address may."""

    name: str = Field(description="Each operation names its limit as `x-limit`.")
    per_minute: int = Field(description="Requests a minute in the long run.")
    burst: int = Field(description="Requests at once.")


class Limits(Model):
    """Rate limits, and the largest sizes that the system takes."""

    rates: list[RateLimit]
    content_characters: int = Field(description="Characters of a message.")
    frame_bytes: int = Field(description="Bytes of a WebSocket frame.")
    message_bytes: int = Field(description="Bytes of a WebSocket message, in several frames.")
    body_bytes: int = Field(description="Bytes of the body of an HTTP request.")
    group_members: int = Field(description="Members of a group conversation.")
    sync_streams: int = Field(description="Streams in one request to `POST /sync`.")
    sync_events: int = Field(
        description="Events that a client may be behind in a stream to get them from `POST /sync`; "
        "further behind, it gets a snapshot."
    )
