from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Content, Model, Remark
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.models import ForumRef
from cgraph.moderation.targets.models import ReportedContent, TargetKind


class AppealTargetKind(StrEnum):
    """`forum`: the caller's ban from it. `post`, `comment`: the removal of it."""

    FORUM = "forum"
    POST = "post"
    COMMENT = "comment"


class AppealTarget(Body):
    """Names the ban or the removal that an appeal is against."""

    kind: AppealTargetKind
    id: UUID = Field(description="Id of the forum, post or comment.")


class AppealDraft(Body):
    """An appeal to make."""

    against: AppealTarget
    content: Content = Field(
        description="Why the ban or the removal is to be lifted; 1 to 4,000 characters."
    )


class AppealState(StrEnum):
    """`open`: no moderator has decided. `accepted`: the ban or removal was lifted. `rejected`: it
    stayed.
    """

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class AppealDecision(StrEnum):
    """`accept`: the ban or removal is lifted. `reject`: it stays."""

    ACCEPT = "accept"
    REJECT = "reject"

    @property
    def state(self) -> AppealState:
        """The state of an appeal after this decision."""
        return AppealState.ACCEPTED if self is AppealDecision.ACCEPT else AppealState.REJECTED


class AppealResolution(Body):
    """A moderator's decision about an appeal."""

    decision: AppealDecision
    note: Remark = Field(
        default="", description="Sent to the user who appealed; at most 1,000 characters."
    )


class Appeal(Model):
    """A user's request to lift a ban or a removal. The moderator who imposed it is not named."""

    id: UUID
    forum: ForumRef
    user: UserSummary | None = Field(description="The user who appealed.")
    against: EntityRef = Field(
        description="Of a ban the `forum`, of a removal the `post` or `comment`."
    )
    target: ReportedContent | None = Field(
        description="The removed post or comment; null for a ban, and in events."
    )
    reason: str = Field(description="Reason of the ban or removal.")
    content: str
    state: AppealState
    note: str | None = Field(description="Note of the decision; null until it is decided.")
    created_at: Timestamp
    decided_at: Timestamp | None


@dataclass(frozen=True, slots=True)
class CreatedAppeal:
    """`replayed`: the user had made an appeal with the same content before."""

    appeal: Appeal
    replayed: bool


@dataclass(frozen=True, slots=True)
class AppealableAction:
    """A ban or a removal that is in force. `by`: the moderator who imposed it."""

    kind: str
    id: UUID
    forum_id: UUID
    by: UUID


class AppealRow(Model):
    """The columns that decide who may resolve an appeal.

    `subject_id`: the ban or removal. `acted_by`: the moderator who imposed it. `target_kind` and
    `target_id`: what was removed; None for a ban.
    """

    id: UUID
    forum_id: UUID
    slug: str
    subject_id: UUID
    user_id: UUID
    acted_by: UUID
    state: AppealState
    target_kind: TargetKind | None
    target_id: UUID | None


@dataclass(frozen=True, slots=True)
class AppealJSON:
    """`json`: an Appeal, as JSON text."""

    id: UUID
    content: str
    json: str


@dataclass(frozen=True, slots=True)
class ModeratorCount:
    number: int
