from dataclasses import dataclass
from uuid import UUID

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Nonce, Reason
from cgraph.forums.audit.models import Subject
from cgraph.moderation.targets.models import ForumName, TargetRef


class WarningDraft(Body):
    """`target`: what they wrote, if it is about that; without it, only members are warned."""

    user_id: UUID
    reason: Reason
    target: TargetRef | None = None
    nonce: Nonce | None = None


class ForumWarning(Model):
    id: UUID
    forum: ForumName
    user: UserSummary | None
    reason: str
    target: Subject | None
    created_at: Timestamp


@dataclass(frozen=True, slots=True)
class Warned:
    warning: ForumWarning
    replayed: bool


@dataclass(frozen=True, slots=True)
class WarningRow:
    """A ForumWarning as Postgres writes it."""

    shown: str


@dataclass(frozen=True, slots=True)
class Reachable:
    """Whether they can be warned here: members, and authors of what it is about."""

    is_member: bool
    is_author: bool
