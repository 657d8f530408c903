from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Content, Model, Remark
from cgraph.forums.audit.models import Subject
from cgraph.moderation.targets.models import ForumName, ShownThing, TargetKind


class AgainstKind(StrEnum):
    """A ban from this forum, or the removal of this post or comment."""

    FORUM = "forum"
    POST = "post"
    COMMENT = "comment"


class Against(Body):
    kind: AgainstKind
    id: UUID


class AppealDraft(Body):
    against: Against
    content: Content


class AppealState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Verdict(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"


class Decision(Body):
    """`note`: for whoever appealed."""

    decision: Verdict
    note: Remark = ""


class Appeal(Model):
    """`reason`: that of the ban or of the removal; `thing`: what was removed."""

    id: UUID
    forum: ForumName
    user: UserSummary | None
    against: Subject
    thing: ShownThing | None
    reason: str
    content: str
    state: AppealState
    note: str | None
    created_at: Timestamp
    decided_at: Timestamp | None


@dataclass(frozen=True, slots=True)
class Appealed:
    """`replayed`: they had written just this before."""

    appeal: Appeal
    replayed: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody may appeal against: a ban or a removal that is in force."""

    kind: str
    id: UUID
    forum_id: UUID
    by: UUID


class AppealRow(Model):
    """What of an appeal decides who may decide it. `target_kind`: of a removal, else None."""

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
class ListedAppeal:
    """An Appeal as Postgres writes it."""

    id: UUID
    content: str
    shown: str


@dataclass(frozen=True, slots=True)
class Moderators:
    number: int


@dataclass(frozen=True, slots=True)
class Decided:
    state: AppealState
    note: str
    by: UUID
    at: datetime
