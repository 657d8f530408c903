from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Model
from cgraph.forums.comments.models import Comment
from cgraph.forums.policies import ForumRole


class CommentSort(StrEnum):
    """`best`: by the share of up votes, at the lower bound of its confidence interval. `new`:
    newest first. `old`: oldest first.
    """

    BEST = "best"
    NEW = "new"
    OLD = "old"


class CommentLevel(Model):
    """A page of one level of the tree: comments that have the same parent."""

    items: list["CommentWithReplies"]
    more: int = Field(description="Comments of this level after this page.")
    next: str | None = Field(
        description="Cursor of the next page, for the same `parent` and `sort`; null at the end."
    )


class CommentWithReplies(Comment):
    """A comment with the first page of its replies."""

    replies: CommentLevel


@dataclass(frozen=True, slots=True)
class LevelPosition:
    """Where a page of a level begins: after the comment `id` with this `rank`, of which and before
    which `skipped` comments were listed. `ranks_at`: the time whose ranks count; None for the first
    page, and for an order without ranks.
    """

    ranks_at: datetime | None
    rank: float
    id: UUID
    skipped: int


@dataclass(frozen=True, slots=True)
class CommentLevelRow:
    """`json`: a CommentLevel; None where there is no such parent or the ranks of the cursor are too
    old (`is_expired`). `role`: None where the reader has no access to the post.
    """

    role: ForumRole | None
    is_expired: bool | None
    json: str | None
