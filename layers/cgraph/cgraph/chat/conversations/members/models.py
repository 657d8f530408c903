from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import UserSummary
from cgraph.chat.policies import ConversationRole
from cgraph.core.fields import Body, Model


class MemberChange(Body):
    """The role that a user is to have in a group."""

    role: ConversationRole | None = Field(
        default=None,
        description="Left out or null: a new member becomes `member`, a member keeps their role. "
        "If the owner gives `owner` to another member, the caller becomes an admin.",
    )


class MemberRemoved(Model):
    """The data of `member.removed`, which goes to the members who remain."""

    user_id: UUID


class ConversationLeft(Model):
    """The data of `conversation.left`, which goes to the user who left or was removed."""

    conversation_id: UUID


class CandidateRow(UserSummary):
    """A user whom a request adds to a conversation, or whose role it changes. `role`: None if they
    are not a member. `is_blocked`: whether they have blocked the caller, or the caller them.
    `is_reachable`: whether their privacy lets the caller add them.
    """

    role: ConversationRole | None
    is_blocked: bool
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class AddedMemberRow:
    """`event`: `member.added`, see announce_logged(). `audience`: the members before."""

    event: dict[str, Any]
    audience: list[UUID]


@dataclass(frozen=True, slots=True)
class RemovedMemberRow:
    """`logged`: events, see announce_logged(). `audience`: the members who remain."""

    logged: list[dict[str, Any]]
    audience: list[UUID]


class MemberRoleRow(Model):
    user_id: UUID
    role: ConversationRole
