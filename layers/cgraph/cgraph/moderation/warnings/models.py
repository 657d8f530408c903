from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Nonce, Reason
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.models import ForumRef
from cgraph.forums.policies import ForumRole
from cgraph.moderation.targets.models import PossiblyDeletedUser, TargetRef


class WarningDraft(Body):
    """A warning to send."""

    user_id: UUID
    reason: Reason = Field(description="Sent to the user; 1 to 1,000 characters.")
    target: TargetRef | None = Field(
        default=None,
        description="The post or comment of the user that the warning is about. Without it, the "
        "user must be a member of the forum.",
    )
    nonce: Nonce | None = Field(
        default=None,
        description="Chosen by the client. A repeated request with the same nonce does not warn "
        "the user again.",
    )


class ForumWarning(Model):
    """A warning that a user got from the moderators of a forum."""

    id: UUID
    forum: ForumRef
    user: PossiblyDeletedUser
    reason: str
    target: EntityRef | None = Field(description="The post or comment that the warning is about.")
    created_at: Timestamp


@dataclass(frozen=True, slots=True)
class IssuedWarning:
    """`replayed`: the same nonce had created the warning before."""

    warning: ForumWarning
    replayed: bool


@dataclass(frozen=True, slots=True)
class WarningJSON:
    """`json`: a ForumWarning, as JSON text."""

    json: str


class WarningCandidate(Model):
    """A user to warn. `role`: None if the user is not a member of the forum. `is_author`: the user
    wrote the target, in this forum.
    """

    role: ForumRole | None
    is_author: bool
