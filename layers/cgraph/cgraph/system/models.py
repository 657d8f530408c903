from typing import Literal

from pydantic import Field

from cgraph.core.fields import Model


class Health(Model):
    """That a function runs."""

    status: str = Field(description="Always `ok`.")


class Dependency(Model):
    """A service that the functions use."""

    ok: bool = Field(description="Whether it answered.")
    latency_ms: float | None = Field(
        description="Milliseconds of one round trip; null where there was no answer."
    )
    lag_ms: float | None = Field(
        default=None,
        description="Of `database_reader`: how many milliseconds it is behind `database`; null "
        "where it does not know. Null for the others.",
    )


class ConsumerLag(Model):
    """How far a consumer of the log of events is behind. It may be: what it keeps is only late."""

    lag_seconds: float = Field(description="The age of the oldest event that it has not done.")
    set_aside: int = Field(description="Events on which it failed at each try.")


class Readiness(Model):
    """That all dependencies answer that no request can do without."""

    status: Literal["ready", "degraded"] = Field(
        description="`degraded` where one is away in whose place another one answers."
    )
    dependencies: dict[str, Dependency] = Field(
        description="`database`, `cache` and `queues`; and where there are, `database_reader` and "
        "`search` (OpenSearch), which may be away: `database` then answers in their place."
    )
    consumers: dict[str, ConsumerLag] = Field(
        description="What follows the log of events, by name; `search` keeps what is searched."
    )


class RateLimit(Model):
    """How often a user, or an address, may call the routes that have this limit."""

    name: str
    per_minute: float = Field(
        description="Requests in a minute, in the long run; 0.1 is one in ten minutes."
    )
    burst: int = Field(description="Requests at once.")


class Limits(Model):
    """How often the API may be called, and how large requests may be."""

    rates: list[RateLimit] = Field(description="All rate limits.")
    content_characters: int = Field(description="Characters in one message.")
    frame_bytes: int = Field(description="Bytes in one frame of a socket.")
    message_bytes: int = Field(description="Bytes in one message of a socket, in several frames.")
    body_bytes: int = Field(description="Bytes in the body of a request.")
    group_members: int = Field(description="Members of a group.")
    sync_streams: int = Field(description="Streams in one `POST /sync`.")
    sync_events: int = Field(
        description="Events that one stream may be behind; a client further behind gets a snapshot."
    )
    media_url: str | None = Field(
        description="Where public pictures are: a `path` that begins with `public/` is below it. "
        "Null where no media are served."
    )
