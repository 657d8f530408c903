from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Nonce, PostBody, PostTitle, PostUrl, Slug, Tag
from cgraph.forums.models import ForumAccess
from cgraph.forums.posts.polls.models import Poll, PollDraft

TAGS_AT_MOST = 5
VERSIONS_AT_MOST = 2**31 - 1


class PostKind(StrEnum):
    TEXT = "text"
    LINK = "link"
    POLL = "poll"


def _each_once(tags: list[str]) -> list[str]:
    if len({tag.casefold() for tag in tags}) < len(tags):
        raise ValueError("must name each tag once")
    return tags


PostTags = Annotated[list[Tag], Field(max_length=TAGS_AT_MOST), AfterValidator(_each_once)]


class PostDraft(Body):
    """`body`: Markdown. `url` goes with the kind `link`, `poll` with the kind `poll`. `nonce`: the
    author's own name for it, so that it may be sent again without harm.
    """

    title: PostTitle
    body: PostBody = ""
    kind: PostKind = PostKind.TEXT
    url: PostUrl | None = None
    tags: PostTags = Field(default_factory=list)
    poll: PollDraft | None = None
    nonce: Nonce | None = None

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        if (self.url is not None) != (self.kind is PostKind.LINK):
            raise ValueError("a link has a url, and nothing else has one")
        if (self.poll is not None) != (self.kind is PostKind.POLL):
            raise ValueError("a poll has a poll, and nothing else has one")
        return self


class PostEdit(Body):
    """`version`: that of the post which is edited, so that no edit undoes another unseen. What is
    left out, or null, stays.
    """

    version: int = Field(ge=1, le=VERSIONS_AT_MOST)
    title: PostTitle | None = None
    body: PostBody | None = None
    tags: PostTags | None = None


class PostMove(Body):
    """`forum`: the slug of the one it goes to."""

    forum: Slug


class Author(Model):
    id: UUID
    username: str
    display_name: str


class PostForum(Model):
    id: UUID
    slug: str


def _absent(value: object) -> bool:
    return value is None


class _Post(Model):
    id: UUID
    forum: PostForum
    author: Author
    kind: PostKind
    title: str
    url: str | None
    tags: list[str]
    poll: Poll | None
    score: int
    ups: int
    downs: int
    comment_count: int
    my_vote: int | None = Field(default=None, exclude_if=_absent)
    accepted_comment_id: UUID | None
    version: int
    created_at: Timestamp
    edited_at: Timestamp | None
    deleted_at: Timestamp | None
    removed_at: Timestamp | None
    pinned: bool
    locked: bool


class Post(_Post):
    """`body` is Markdown, `body_html` safe HTML made of it. `version` counts edits. `head`: the
    number of the last event of its stream `post:<id>`.

    Deleted, it keeps its place and says nothing; removed, to moderators only. `head` and `my_vote`
    (1, 0, -1) are left out in events, which are the same for everybody.
    """

    body: str
    body_html: str
    head: int | None = Field(default=None, exclude_if=_absent)


class ListedPost(_Post):
    """`excerpt`: the beginning of its Markdown."""

    excerpt: str


class GonePost(Model):
    """What a forum is told of a post that went to a private one."""

    id: UUID


class MovedPost(Model):
    """The data of `post.moved`."""

    post: Post | GonePost


class PostVersion(Model):
    """How a post read before an edit, and who made that and when."""

    version: int
    title: str
    body: str
    edited_by: UUID
    edited_at: Timestamp


@dataclass(frozen=True, slots=True)
class PostRow:
    """What of a post decides what may be done to it."""

    id: UUID
    forum_id: UUID
    author_id: UUID
    title: str
    body: str
    tags: list[str]
    version: int
    accepted_comment_id: UUID | None
    shadowed: bool
    created_at: datetime
    deleted_at: datetime | None
    removed_at: datetime | None
    pinned_at: datetime | None
    locked_at: datetime | None


@dataclass(frozen=True, slots=True)
class PostAccess:
    """A post, and what the caller is in its forum."""

    post: PostRow
    place: ForumAccess


@dataclass(frozen=True, slots=True)
class Posted:
    """`shown`: a Post, as JSON. `replayed`: it was there before, by the same nonce or edit."""

    shown: str
    replayed: bool


@dataclass(frozen=True, slots=True)
class Locked:
    """Null: not there for the caller; false: moved just now."""

    locked: bool | None


@dataclass(frozen=True, slots=True)
class Shown:
    shown: str


@dataclass(frozen=True, slots=True)
class Told:
    """A Post as all see it."""

    post: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    number: int
