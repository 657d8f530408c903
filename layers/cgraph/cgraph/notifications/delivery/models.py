from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Body


class DeliveryJob(Body):
    """`due`: something is due, so look. `gone`: devices that their push services do not know."""

    due: bool = False
    gone: list[UUID] = Field(default=[])


@dataclass(frozen=True, slots=True)
class ClaimedRow:
    """A delivery that was due. `is_due`: it is to be sent now, by nobody else."""

    user_id: UUID
    notification_id: UUID
    channel: str
    is_due: bool


@dataclass(frozen=True, slots=True)
class ContentRow:
    """A notification, as far as it is told outside: without the text of what it is about.
    `actor_names`: of the newest two. `place_name`: None of a conversation without a name.
    """

    user_id: UUID
    id: UUID
    kind: str
    level: int
    place_kind: str | None
    place_id: UUID | None
    place_name: str | None
    target_kind: str | None
    target_id: UUID | None
    actor_count: int
    event_count: int
    actor_names: list[str]


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """`unread`: the badge."""

    id: UUID
    email: str
    display_name: str
    unread: int


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    id: UUID
    user_id: UUID
    endpoint: str
    public_key: bytes
    auth: bytes
