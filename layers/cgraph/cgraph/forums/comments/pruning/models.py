from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Model
from cgraph.forums.comments.models import ParentReplyCount, PostCommentCount


class CommentsPruned(Model):
    """The payload of `comments.pruned`: deleted and removed comments without replies have left the
    tree.
    """

    comment_ids: list[UUID] = Field(description="The comments that have left the tree.")
    parents: list[ParentReplyCount] = Field(
        description="The comments above them that are still in the tree."
    )
    post: PostCommentCount


@dataclass(frozen=True, slots=True)
class PostIdRow:
    post_id: UUID


@dataclass(frozen=True, slots=True)
class PrunedRow:
    """`comment_ids`: those that all readers of the post saw. `parents`: a list of
    ParentReplyCount. `comment_count`: of the post.
    """

    comment_ids: list[UUID]
    parents: list[dict[str, Any]]
    comment_count: int
