from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Nonce, Reason
from cgraph.forums.audit.models import Subject
from cgraph.moderation.targets.models import ForumName, PossiblyDeletedUser, TargetRef


class WarningDraft(Body):
    """A warning to send."""

    user_id: UUID
    reason: Annotated[Reason, Field(description="Sent to the user")]
    target: Annotated[
        TargetRef | None,
        Field(
            description="The post or comment of the user that the warning is about; without it, the"
            " user must be a member of the forum"
        ),
    ] = None
    nonce: Annotated[
        Nonce | None,
        Field(description="Chosen by the client; repeating it does not warn the user again"),
    ] = None


class ForumWarning(Model):
    """A warning that a user got from the moderators of a forum."""

    id: UUID
    forum: ForumName
    user: PossiblyDeletedUser
    reason: str
    target: Annotated[
        Subject | None, Field(description="The post or comment that the warning is about")
    ]
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


@dataclass(frozen=True, slots=True)
class WarningCandidate:
    """A user to warn. `is_author`: the user wrote the target, in this forum."""

    is_member: bool
    is_author: bool
