from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, is_none
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.models import (
    NEW_ACCOUNT_VOTES,
    ForumAccess,
    NewAccountVotes,
    Withheld,
)
from cgraph.forums.policies import ForumRole
from cgraph.forums.posts.rows import PostAccess

PossiblyDeletedUser = Annotated[
    UserSummary | None, Field(description="Null if the account no longer exists.")
]


class TargetKind(StrEnum):
    """What moderators can act on: a post or a comment."""

    POST = "post"
    COMMENT = "comment"


class TargetRef(Body):
    """Names a post or a comment."""

    kind: TargetKind
    id: UUID


class Target(Model):
    """The columns of a post or comment that decide what moderators may do to it.

    `author_role`: in its forum now; None for an author who is no member.
    """

    kind: TargetKind
    id: UUID
    post_id: UUID
    author_id: UUID
    author_role: ForumRole | None
    withheld: Withheld | None
    below_withheld: bool
    deleted_at: datetime | None
    removed_at: datetime | None

    @property
    def hidden(self) -> bool:
        """Whether some readers of the forum do not see it."""
        return self.withheld is not None or self.below_withheld

    @property
    def subject(self) -> EntityRef:
        return EntityRef(kind=self.kind, id=self.id)


@dataclass(frozen=True, slots=True)
class TargetAccess:
    """A post or comment with the caller's access to it.

    `post_access`: access to the post itself, or to the post that the comment is under.
    """

    target: Target
    post_access: PostAccess

    @property
    def forum(self) -> ForumAccess:
        return self.post_access.forum


class ReportedContent(Model):
    """A post or comment as moderators see it, also while it is removed."""

    kind: TargetKind
    id: UUID
    post_id: UUID = Field(description="The post that the comment is under; of a post its own id.")
    author: PossiblyDeletedUser
    title: str | None = Field(
        description="Title of the post; null for a comment, and where the author has deleted it."
    )
    text: str | None = Field(
        description="At most the first 500 characters: of a comment its Markdown, of a post its "
        "URL and its Markdown; null where the author has deleted it."
    )
    new_account_votes: NewAccountVotes | None = Field(
        default=None, exclude_if=is_none, description=NEW_ACCOUNT_VOTES
    )
    created_at: Timestamp
    deleted_at: Timestamp | None = Field(description="When the author deleted it.")
    removed_at: Timestamp | None = Field(
        description="When a moderator removed it; null again after it was restored."
    )
