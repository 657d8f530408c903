"""What operators and timers see of the consumers of the log."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model


class ConsumerState(Model):
    """A consumer of the log of events, all its shards together."""

    name: str
    shards: int = Field(description="How many batches may be in work at once.")
    behind: int = Field(description="Events of the log behind it; 10,000 stands for more.")
    lag_seconds: float = Field(description="The age of the oldest of them; 0 without any.")
    failed: int = Field(description="Events on which it failed and which it will try again.")
    set_aside: int = Field(description="Events on which it failed at each try.")


class FailedEvent(Model):
    """An event on which a consumer failed."""

    number: int
    stream_id: UUID
    seq: int
    type: str
    created_at: Timestamp
    reason: str
    tries: int
    retry_at: Timestamp | None = Field(description="Null where it is set aside.")


class ConsumerCommand(Body):
    """What an operator asks for. `rewind` and `replay` need the name of a consumer."""

    action: Literal["list", "rewind", "replay"]
    name: str | None = None
    to: datetime | None = Field(
        default=None, description="`rewind` to the first event from here on; null for all."
    )
    number: int | None = Field(
        default=None, description="The failed event to `replay`; null for all that are set aside."
    )


class ConsumerReport(Model):
    consumers: list[ConsumerState]
    failed_events: list[FailedEvent] = Field(description="Of the consumer that was named.")
