from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, CommentText, Model, Nonce, is_none
from cgraph.core.mentions import Broadcast
from cgraph.forums.models import (
    BROADCAST,
    MARKDOWN,
    MENTIONS,
    NEW_ACCOUNT_VOTES,
    NewAccountVotes,
    Withheld,
)
from cgraph.forums.posts.models import BLOCKED, MAX_VERSION, REMOVAL_REASON, VERSION, WITHHELD
from cgraph.forums.posts.rows import PostAccess, PostAccessRow
from cgraph.media.previews.models import PREVIEWS, Preview
from cgraph.media.uses.models import Attachment, Attachments


class Comment(Model):
    """A comment.

    Of a deleted comment a tombstone keeps its place: body, body_html, mentions, attachments and
    previews are empty, and its replies stay readable. The same holds for a removed comment, except
    that its author and the moderators still see its content. A tombstone without replies leaves the
    tree after a day.
    """

    id: UUID
    post_id: UUID
    parent_id: UUID | None = Field(description="The comment it replies to; null: the post.")
    depth: int = Field(description="Number of comments above it in the tree; 0 at the top.")
    author: UserSummary
    body: str = Field(description="Markdown.")
    body_html: str = Field(description="Sanitized HTML made of `body`.")
    mentions: list[UUID] = Field(description=MENTIONS)
    mentions_everyone: Broadcast | None = Field(description=BROADCAST)
    attachments: list[Attachment] = Field(description="Files, at most 10.")
    previews: list[Preview] = Field(description=PREVIEWS)
    score: int = Field(description="`ups` minus `downs`.")
    ups: int = Field(description="Up votes.")
    downs: int = Field(description="Down votes.")
    new_account_votes: NewAccountVotes | None = Field(
        default=None, exclude_if=is_none, description=NEW_ACCOUNT_VOTES
    )
    my_vote: Literal[-1, 0, 1] | None = Field(
        default=None, exclude_if=is_none, description="The caller's vote. Left out in events."
    )
    blocked: bool | None = Field(default=None, exclude_if=is_none, description=BLOCKED)
    reply_count: int = Field(description="Direct replies in the tree.")
    version: int = Field(description=VERSION.replace("post", "comment"))
    created_at: Timestamp
    edited_at: Timestamp | None
    deleted_at: Timestamp | None = Field(description="When the author deleted the comment.")
    removed_at: Timestamp | None = Field(description="When a moderator removed the comment.")
    withheld: Withheld | None = Field(description=WITHHELD)
    removal_reason: str | None = Field(description=REMOVAL_REASON)


class CommentInContext(Comment):
    """A comment with the comments above it."""

    ancestors: list[Comment] = Field(
        description="From the top of the tree to the parent; at most the nearest 50. None for an "
        "author who may no longer read the forum."
    )


class CommentDraft(Body):
    """A comment to be created."""

    body: CommentText = Field(description=f"{MARKDOWN} It may be empty beside attachments.")
    parent_id: UUID | None = Field(
        default=None, description="The comment it replies to; null: the post."
    )
    attachments: Attachments = Field(
        default=[],
        description="At most 10 uploads of the caller that are ready: ids, or objects with an alt "
        "text.",
    )
    nonce: Nonce | None = Field(
        default=None,
        description="The client's own name for this request: sent again with the same body, it "
        "has one effect.",
    )


class CommentEdit(Body):
    """Changes to a comment. A field that is left out, or null, keeps its value."""

    body: CommentText | None = Field(
        default=None, description="Markdown. It may be empty if the comment has attachments."
    )
    attachments: Attachments | None = Field(
        default=None,
        description="Other alt texts and spoilers for some of its attachments. None can be added "
        "or removed.",
    )
    version: int = Field(
        ge=1,
        le=MAX_VERSION,
        description="Version that the edit is based on: no edit overwrites one that the author "
        "has not seen.",
    )


class CommentAcceptance(Body):
    """The answer to a post."""

    comment_id: UUID | None = Field(description="The accepted comment; null: none is accepted.")


class ParentReplyCount(Model):
    """The parent of a new comment."""

    id: UUID
    reply_count: int = Field(description="Direct replies, with the new comment.")


class PostCommentCount(Model):
    """The post of a new comment."""

    id: UUID
    comment_count: int = Field(description="Comments under the post, with the new comment.")


class CommentCreated(Model):
    """The payload of `comment.created`."""

    comment: Comment
    parent: ParentReplyCount | None = Field(
        default=None, exclude_if=is_none, description="Left out if the comment replies to the post."
    )
    post: PostCommentCount


@dataclass(frozen=True, slots=True)
class CommentRow:
    """What decides what may be done to a comment."""

    id: UUID
    post_id: UUID
    parent_id: UUID
    author_id: UUID
    body: str
    attachments: list[dict[str, Any]]
    version: int
    withheld: Withheld | None
    below_withheld: bool
    deleted_at: datetime | None
    removed_at: datetime | None

    @property
    def hidden(self) -> bool:
        """Whether some readers of the post do not see the comment."""
        return self.withheld is not None or self.below_withheld


@dataclass(frozen=True, slots=True)
class CommentAccess:
    """A comment, and the caller's access to its post and forum. `etag`: of the comment, as it was
    read.
    """

    comment: CommentRow
    post_access: PostAccess
    etag: str


@dataclass(frozen=True, slots=True)
class CommentAccessRow(PostAccessRow):
    """A comment with the reader's access to its post: see comment_access() in
    infra/schema/forums/decisions.sql.
    """

    comment_id: UUID
    parent_id: UUID
    comment_author_id: UUID
    comment_body: str
    comment_attachments: list[dict[str, Any]]
    comment_version: int
    comment_withheld: Withheld | None
    below_withheld: bool
    comment_deleted_at: datetime | None
    comment_removed_at: datetime | None
    comment_etag: str

    def comment(self) -> CommentRow:
        return CommentRow(
            id=self.comment_id,
            post_id=self.id,
            parent_id=self.parent_id,
            author_id=self.comment_author_id,
            body=self.comment_body,
            attachments=self.comment_attachments,
            version=self.comment_version,
            withheld=self.comment_withheld,
            below_withheld=self.below_withheld,
            deleted_at=self.comment_deleted_at,
            removed_at=self.comment_removed_at,
        )


@dataclass(frozen=True, slots=True)
class CommentingAccessRow(PostAccessRow):
    """A user's access to the post under which they comment. `parent_post_id`, `parent_gone_at`,
    `parent_etag`: of the comment that they reply to, if they see it. `first_hash`, `first_id`: the
    request that has used the nonce before, and what it created.
    """

    parent_post_id: UUID | None
    parent_gone_at: datetime | None
    parent_etag: str | None
    first_hash: bytes | None
    first_id: UUID | None


@dataclass(frozen=True, slots=True)
class CreatedCommentRow:
    """`payload`: a Comment, the same for every reader. `reply_count`: of the parent, None without
    one. `comment_count`: of the post. Both are None if the comment is hidden.
    """

    payload: dict[str, Any]
    reply_count: int | None
    comment_count: int | None


@dataclass(frozen=True, slots=True)
class OwnCommentEventRow:
    """What a user learns of a hidden comment. `payload`: a CommentCreated."""

    user_id: UUID
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CommentJSONRow:
    """`json`: a Comment."""

    json: str


@dataclass(frozen=True, slots=True)
class CommentViewRow(CommentAccessRow):
    """`json`: the Comment; `ancestors`: Comments, each as JSON."""

    json: str
    ancestors: list[str]
