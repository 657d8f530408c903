from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Remark
from cgraph.forums.models import ForumRef, Visibility
from cgraph.forums.policies import ForumRole


class MembershipRequestDraft(Body):
    """A request to become a member."""

    message: Remark = Field(default="", description="For the moderators, at most 1,000 characters.")


class RequestState(StrEnum):
    """`open`: no moderator has decided. `accepted`: the user became a member. `refused`: a
    moderator refused it. `withdrawn`: the user took it back.
    """

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RequestDecision(StrEnum):
    """`accept`: the user becomes a member. `refuse`: the user may ask again after 30 days."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class RequestResolution(Body):
    """A moderator's decision about a request."""

    decision: RequestDecision
    note: Remark = Field(default="", description="Sent to the user; at most 1,000 characters.")


class MembershipRequest(Model):
    """A user's request to become a member of a forum."""

    forum: ForumRef
    user: UserSummary
    message: str = Field(description="For the moderators.")
    state: RequestState
    note: str = Field(description="Note of the decision; empty until it is decided.")
    created_at: Timestamp
    decided_at: Timestamp | None = Field(
        description="When it was decided or withdrawn; null while it is open."
    )


class RequestedForum(Model):
    """What decides whether a user may ask to become a member of a forum.

    `role`: of a member, None otherwise. `banned`: not by a shadow ban. `blocked`: the owner has
    blocked the user.
    """

    id: UUID
    slug: str
    visibility: Visibility
    join_requests: bool
    role: ForumRole | None
    banned: bool
    blocked: bool


class RequestRow(Model):
    """The user's last request. `decided_at`: None while it is open."""

    state: RequestState
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestJSON:
    """`json`: a MembershipRequest. The others are its position in lists."""

    created_at: datetime
    user_id: UUID
    json: str


@dataclass(frozen=True, slots=True)
class ModeratorIdRow:
    user_id: UUID
