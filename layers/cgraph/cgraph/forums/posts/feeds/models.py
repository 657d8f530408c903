from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Cursor, QueryParameters, Tag
from cgraph.core.pagination import Page
from cgraph.forums.policies import ForumRole
from cgraph.forums.posts.models import ListedPost

CURSOR_LIFETIME = timedelta(minutes=14, seconds=45)
"""Of a cursor in a list by rank: a little less than the time for which old ranks are kept."""


class PostSort(StrEnum):
    """`hot`: score and age. `new`: newest first. `top`: by score. `rising`: much voted for in a
    short time. `controversial`: many votes in both directions.
    """

    HOT = "hot"
    NEW = "new"
    TOP = "top"
    RISING = "rising"
    CONTROVERSIAL = "controversial"


class TopPeriod(StrEnum):
    """How old the posts of a list by `top` may be."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


class ListPostsQuery(QueryParameters):
    """Which posts are listed, and in which order."""

    sort: PostSort | None = Field(
        default=None, description="Default: `new` with a `tag`, `hot` without."
    )
    time: TopPeriod | None = Field(
        default=None, description="Only with `sort=top`; default: `all`."
    )
    tag: Tag | None = Field(
        default=None, description="Only posts with this tag; only in the order `new`."
    )
    limit: Annotated[int, Field(ge=1, le=100, description="Posts in a page.")] = 20
    cursor: Cursor | None = Field(
        default=None, description="`next` of the page before; left out, the first page."
    )


class PostPage(Page[ListedPost]):
    """A page of posts."""

    pinned: list[ListedPost] = Field(
        default_factory=list,
        description="In the first page, the pinned posts of the forum; they are also among "
        "`items`, in their order. Empty in other pages.",
    )


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """Where a page of a list begins. `started_at`: when the first page was read, whose ranks count;
    None for the first page.
    """

    sort: str
    tag: str | None
    started_at: datetime | None
    rank: float
    id: UUID


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A page: `items` and `pinned` are ListedPosts as JSON, separated by commas. `role`: None where
    the reader has no access to the forum.
    """

    role: ForumRole | None
    started_at: datetime | None
    items: str | None
    pinned: str | None
    next_rank: float | None
    next_id: UUID | None


@dataclass(frozen=True, slots=True)
class ExpiredRanksRow:
    reached: datetime | None
