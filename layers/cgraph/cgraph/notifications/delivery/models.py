from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Body
from cgraph.notifications.delivery.platforms import Platform


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
    """A notification as push messages and mails show it. `actor_names`: of the newest two.
    `place_name`: None of a conversation without a name. `excerpt`: the beginning of the text that
    it is about, None where the user does not want push messages to show it, or may not read it.
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
    excerpt: str | None


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """`unread`: the badge."""

    id: UUID
    email: str
    display_name: str
    unread: int
    language: str


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """`endpoint`: a URL of the platform `web`, which also has both keys; else a token."""

    id: UUID
    user_id: UUID
    platform: Platform
    endpoint: str
    public_key: bytes | None
    auth: bytes | None
