from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model
from cgraph.forums.audit.models import Subject
from cgraph.forums.models import ForumAccess
from cgraph.forums.posts.models import PostAccess

PossiblyDeletedUser = Annotated[
    UserSummary | None, Field(description="Null if the account no longer exists")
]


class TargetKind(StrEnum):
    """What moderators can act on: a post or a comment."""

    POST = "post"
    COMMENT = "comment"


class TargetRef(Body):
    """Names a post or a comment."""

    kind: TargetKind
    id: UUID


class ForumName(Model):
    """Names a forum by its id and its slug."""

    id: UUID
    slug: str


class Target(Model):
    """The columns of a post or comment that decide what moderators may do to it."""

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
    """A post or comment with the caller's access to it.

    `post_access`: access to the post itself, or to the post that the comment is under.
    """

    target: Target
    post_access: PostAccess

    @property
    def forum(self) -> ForumAccess:
        return self.post_access.place


class ReportedContent(Model):
    """A post or comment as moderators see it, also while it is removed."""

    kind: TargetKind
    id: UUID
    post_id: Annotated[
        UUID, Field(description="The post that the comment is under; a post's own id")
    ]
    author: PossiblyDeletedUser
    title: Annotated[
        str | None,
        Field(description="Title of the post; null for a comment and where the author deleted it"),
    ]
    text: Annotated[
        str | None,
        Field(
            description="The first 500 characters: of a comment its Markdown, of a post its URL and"
            " its Markdown; null where the author deleted it"
        ),
    ]
    created_at: Timestamp
    deleted_at: Annotated[Timestamp | None, Field(description="When the author deleted it")]
    removed_at: Annotated[
        Timestamp | None,
        Field(description="When a moderator removed it; null again after it was restored"),
    ]
