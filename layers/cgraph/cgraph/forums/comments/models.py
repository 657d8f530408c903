from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, CommentText, Model, Nonce
from cgraph.forums.posts.models import Author
from cgraph.forums.posts.models import PostAccess as FoundPost

VERSIONS_AT_MOST = 2**31 - 1


def _unsaid(value: object) -> bool:
    return value is None


class Comment(Model):
    """`parent_id`: the comment it answers; null where that is the post. `depth`: how many comments
    are above it.

    Deleted or removed, it keeps its place and its replies, and says nothing; to moderators what was
    removed still does. `my_vote` is left out in events, which are the same for everybody.
    """

    id: UUID
    post_id: UUID
    parent_id: UUID | None
    depth: int
    author: Author
    body: str
    body_html: str
    score: int
    ups: int
    downs: int
    my_vote: Literal[-1, 0, 1] | None = Field(default=None, exclude_if=_unsaid)
    reply_count: int
    version: int
    created_at: Timestamp
    edited_at: Timestamp | None
    deleted_at: Timestamp | None
    removed_at: Timestamp | None


class CommentInContext(Comment):
    """`ancestors`: the comments above it, the top one first; of a long path the nearest 50."""

    ancestors: list[Comment]


class CommentDraft(Body):
    """What a person writes, in Markdown. `parent_id`: the comment it answers, or null for the
    post.
    """

    body: CommentText
    parent_id: UUID | None = None
    nonce: Nonce | None = None


class CommentEdit(Body):
    """`version`: that of the comment which is edited, so that no edit undoes another unseen."""

    body: CommentText
    version: int = Field(ge=1, le=VERSIONS_AT_MOST)


class Acceptance(Body):
    """`comment_id`: the accepted answer; null takes it back."""

    comment_id: UUID | None


class RepliesOf(Model):
    id: UUID
    reply_count: int


class CommentsOf(Model):
    id: UUID
    comment_count: int


class CommentCreated(Model):
    """The data of the event: `parent` and `post` with how many there are now; `parent` is left out
    where it answers the post.
    """

    comment: Comment
    parent: RepliesOf | None = Field(default=None, exclude_if=_unsaid)
    post: CommentsOf


@dataclass(frozen=True, slots=True)
class Commented:
    """`replayed`: the comment was there before, made with the same nonce; or was edited so."""

    comment: Comment
    replayed: bool


@dataclass(frozen=True, slots=True)
class CommentRow:
    """What of a comment decides what may be done to it."""

    id: UUID
    post_id: UUID
    author_id: UUID
    body: str
    version: int
    shadowed: bool
    deleted_at: datetime | None
    removed_at: datetime | None

    @property
    def is_there(self) -> bool:
        return self.deleted_at is None and self.removed_at is None


@dataclass(frozen=True, slots=True)
class CommentAccess:
    """A comment, its post, and what the caller is in the forum."""

    comment: CommentRow
    around: FoundPost


@dataclass(frozen=True, slots=True)
class Told:
    """A comment as all see it."""

    comment: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Created:
    """`reply_count` is that of the parent comment, or None without one; `comment_count` that of the
    post. Both are None if the comment is shadowed.
    """

    comment: dict[str, Any]
    reply_count: int | None
    comment_count: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    comment: dict[str, Any]
    ancestors: list[dict[str, Any]]
