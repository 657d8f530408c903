from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model
from cgraph.forums.policies import ForumRole


class Appointment(StrEnum):
    """To what an owner makes somebody."""

    MODERATOR = "moderator"
    OWNER = "owner"


class Appointed(Body):
    """The owner who gives `owner` away becomes a moderator."""

    role: Appointment = Appointment.MODERATOR


class ForumMember(UserSummary):
    role: ForumRole
    joined_at: Timestamp


class MemberLeft(Model):
    """What `membership.removed` tells in the forum."""

    user_id: UUID


class ForumLeft(Model):
    """What `forum.left` tells whoever is out of it."""

    forum_id: UUID


class Candidate(UserSummary):
    """Somebody who is to be in a forum, or to be something else in it.

    `role`: None of who is no member yet. `blocks`: they have blocked whoever asks. `banned`: just
    now, and not in the shadow.
    """

    role: ForumRole | None
    joined_at: Timestamp | None
    blocks: bool
    banned: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A ForumMember as Postgres writes it."""

    id: UUID
    shown: str
