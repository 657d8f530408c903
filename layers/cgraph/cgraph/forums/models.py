from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cgraph.fields import Model
from cgraph.policies import ForumRole


class Visibility(StrEnum):
    """Public: everybody reads, and joins as they like. Restricted: everybody reads, moderators add
    the members. Private: only members know of it.
    """

    PUBLIC = "public"
    RESTRICTED = "restricted"
    PRIVATE = "private"


class Posting(StrEnum):
    """Who may post, comment and vote."""

    EVERYONE = "everyone"
    MEMBERS = "members"
    MODERATORS = "moderators"


class Place(Model):
    """One person's place in one forum, and what of its settings decides what they may do.

    `shadowed`: what they write is for them and the moderators only.
    """

    id: UUID
    slug: str
    role: ForumRole
    visibility: Visibility
    posting: Posting
    slow_mode_seconds: int
    tags: list[str]
    tag_required: bool
    shadowed: bool

    @property
    def moderates(self) -> bool:
        return self.role in (ForumRole.OWNER, ForumRole.MODERATOR)


@dataclass(frozen=True, slots=True)
class Someone:
    user_id: UUID


@dataclass(frozen=True, slots=True)
class LastWrite:
    written_at: datetime
