from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cgraph.conversations.models import Person
from cgraph.fields import Body, Model
from cgraph.forums.models import Place
from cgraph.ids import Timestamp
from cgraph.moderation.audit.models import Subject
from cgraph.posts.models import Found


class TargetKind(StrEnum):
    POST = "post"
    COMMENT = "comment"


class Target(Body):
    """A post or a comment."""

    kind: TargetKind
    id: UUID


class ForumName(Model):
    id: UUID
    slug: str


class Thing(Model):
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
class Aim:
    """A post or comment, the post it is under (or itself), and what the caller is in its forum."""

    thing: Thing
    around: Found

    @property
    def place(self) -> Place:
        return self.around.place


class ShownThing(Model):
    """A reported post or comment with the beginning of its text; without text where its author has
    deleted it.
    """

    kind: TargetKind
    id: UUID
    post_id: UUID
    author: Person | None
    title: str | None
    text: str | None
    created_at: Timestamp
    deleted_at: Timestamp | None
    removed_at: Timestamp | None
