from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.forums.models import Place


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
class Found:
    """A post, and what the caller is in its forum."""

    post: PostRow
    place: Place


@dataclass(frozen=True, slots=True)
class Locked:
    """Null: not there for the caller; false: moved just now."""

    locked: bool | None
