from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model
from cgraph.forums.audit.models import Subject
from cgraph.forums.models import ForumAccess
from cgraph.forums.posts.models import PostAccess


class TargetKind(StrEnum):
    POST = "post"
    COMMENT = "comment"


class TargetRef(Body):
    """A post or a comment."""

    kind: TargetKind
    id: UUID


class ForumName(Model):
    id: UUID
    slug: str


class Target(Model):
    """What of a post or comment decides what moderators may do to it."""

    kind: TargetKind
    id: UUID
    post_id: UUID
    author_id: UUID
    shadowed: bool
    deleted_at: datetime | None
    removed_at: datetime | None

    @property
    def subject(self) -> Subject:
        return Subject(kind=self.kind, id=self.id)


@dataclass(frozen=True, slots=True)
class TargetAccess:
    """A post or comment, the post it is under (or itself), and what the caller is in its forum."""

    thing: Target
    around: PostAccess

    @property
    def place(self) -> ForumAccess:
        return self.around.place


class ShownThing(Model):
    """A reported post or comment with the beginning of its text; without text where its author has
    deleted it.
    """

    kind: TargetKind
    id: UUID
    post_id: UUID
    author: UserSummary | None
    title: str | None
    text: str | None
    created_at: Timestamp
    deleted_at: Timestamp | None
    removed_at: Timestamp | None
