from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model
from cgraph.forums.policies import ForumRole


class AppointedRole(StrEnum):
    """The roles that an owner may give."""

    MODERATOR = "moderator"
    OWNER = "owner"


class AppointmentDraft(Body):
    """The role that the member gets."""

    role: AppointedRole = Field(
        default=AppointedRole.MODERATOR,
        description="`owner` transfers the forum: the caller becomes a moderator.",
    )


class ForumMember(UserSummary):
    """A member of a forum."""

    role: ForumRole
    joined_at: Timestamp


class MembershipRemoved(Model):
    """The payload of `membership.removed`, in the forum's stream."""

    user_id: UUID


class ForumLeft(Model):
    """The payload of `forum.left`, in the stream of the user who is no longer a member."""

    forum_id: UUID


class UserInForumRow(UserSummary):
    """A user, and what decides whether they may be added to a forum or get another role in it.

    `role`: None if they are no member. `is_blocked`: there is a block between them and the
    caller. `banned`: they have a ban now that is not a shadow ban.
    """

    role: ForumRole | None
    joined_at: Timestamp | None
    is_blocked: bool
    banned: bool


@dataclass(frozen=True, slots=True)
class LoggedEventRow:
    """`event`: see announce_logged()."""

    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ForumMemberRow:
    """`json`: a ForumMember. `id`: the position in the list."""

    id: UUID
    json: str
