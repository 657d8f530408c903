from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cgraph.core.fields import Model
from cgraph.forums.comments.models import Comment
from cgraph.forums.policies import ForumRole


class Sort(StrEnum):
    """Best: the share of votes up, as far as it is proven. The others by age."""

    BEST = "best"
    NEW = "new"
    OLD = "old"


class CommentLevel(Model):
    """A page of one level of the tree. `more`: how many are left there; `next`: the cursor that
    shows them, under the same parent in the same order.
    """

    items: list["CommentWithReplies"]
    more: int
    next: str | None


class CommentWithReplies(Comment):
    replies: CommentLevel


@dataclass(frozen=True, slots=True)
class Position:
    """In one level: after which comment it goes on, how many were shown before, and of which
    moment the ranks are; None where the walk begins.
    """

    moment: datetime | None
    rank: float
    id: UUID
    seen: int


class Tree(Model):
    """A page as Postgres writes it, or why there is none."""

    role: ForumRole | None
    is_expired: bool | None
    level: str | None
