"""Posts as rows of Postgres, and a user's access to one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.forums.models import ForumAccess, Withheld
from cgraph.forums.policies import ForumRole


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
class PostAccess:
    """A post, and the caller's access to its forum."""

    post: PostRow
    forum: ForumAccess


@dataclass(frozen=True, slots=True)
class PostLockRow:
    """`locked`: None where the reader has no access; False where the post was moved meanwhile."""

    locked: bool | None


@dataclass(frozen=True, slots=True)
class PostJSONRow:
    """`json`: a Post."""

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
