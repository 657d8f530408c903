"""Posts as rows of Postgres, and a user's access to one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from cgraph.forums.models import ForumAccess, Posting, Visibility, Withheld
from cgraph.forums.policies import ForumRole

PostLock = Literal["post", "forum"]
"""Which streams are locked: the post's, or the forum's and then the post's."""


@dataclass(frozen=True, slots=True)
class PostRow:
    """What decides what may be done to a post. `readable`: the reader may read its text.

    `author_role`: in the forum now; None for an author who is no member.
    """

    id: UUID
    forum_id: UUID
    author_id: UUID
    author_role: ForumRole | None
    is_moved: bool
    title: str
    body: str
    tags: list[str]
    attachments: list[dict[str, Any]]
    version: int
    accepted_comment_id: UUID | None
    withheld: Withheld | None
    created_at: datetime
    deleted_at: datetime | None
    removed_at: datetime | None
    pinned_at: datetime | None
    locked_at: datetime | None
    readable: bool


@dataclass(frozen=True, slots=True)
class PostAccessRow(PostRow):
    """A post with the reader's access to its forum: see post_access() in
    infra/schema/forums/decisions.sql. All but `is_elsewhere` is None where that is true.
    """

    slug: str
    role: ForumRole
    visibility: Visibility
    posting: Posting
    slow_mode_seconds: int
    forum_tags: list[str]
    tag_required: bool
    shadowed: bool
    reads: bool
    filter_words: list[str] | None
    filter_domains: list[str] | None
    filter_action: str | None
    is_elsewhere: bool
    etag: str

    def forum_access(self) -> ForumAccess:
        """Without the `etag`, which is of the whole row."""
        return ForumAccess(
            id=self.forum_id,
            slug=self.slug,
            role=self.role,
            visibility=self.visibility,
            posting=self.posting,
            slow_mode_seconds=self.slow_mode_seconds,
            tags=self.forum_tags,
            tag_required=self.tag_required,
            shadowed=self.shadowed,
            reads=self.reads,
            filter_words=self.filter_words,
            filter_domains=self.filter_domains,
            filter_action=self.filter_action,
        )


@dataclass(frozen=True, slots=True)
class PostAccess:
    """A post, and the caller's access to its forum. `etag`: of both, as they were read."""

    post: PostRow
    forum: ForumAccess
    etag: str = ""


class PostingAccess(ForumAccess):
    """A user's access to the forum in which they post. `first_hash`, `first_id`: the request that
    has used its nonce before, and what it created.
    """

    first_hash: bytes | None
    first_id: UUID | None


@dataclass(frozen=True, slots=True)
class PostJSONRow:
    """`json`: a Post."""

    json: str


@dataclass(frozen=True, slots=True)
class PostViewRow(PostAccessRow):
    """`json`: the Post, as the reader sees it."""

    json: str


@dataclass(frozen=True, slots=True)
class PostPayloadRow:
    """`payload`: a Post, the same for every reader."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PostVersionRow:
    """`json`: a PostVersion. `version`: its position in the list."""

    version: int
    json: str


@dataclass(frozen=True, slots=True)
class CountRow:
    count: int
