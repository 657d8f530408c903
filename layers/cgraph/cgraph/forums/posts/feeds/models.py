from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Body, Tag
from cgraph.core.pagination import Page
from cgraph.forums.policies import ForumRole
from cgraph.forums.posts.models import ListedPost

CURSOR_LIFETIME = timedelta(minutes=14, seconds=45)
"""How long one may page through a list by rank: a little less than its ranks are kept."""


class Sort(StrEnum):
    HOT = "hot"
    NEW = "new"
    TOP = "top"
    RISING = "rising"
    CONTROVERSIAL = "controversial"


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


class ListPostsQuery(Body):
    """Which posts, and from where on. `time`: of `top`; left out, all. `tag`: with `new`, or where
    nothing is said.
    """

    sort: Sort | None = None
    time: Period | None = None
    tag: Tag | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str | None, Field(max_length=300)] = None


class PostPage(Page[ListedPost]):
    """`pinned`: on the first page, those that moderators keep on top; they are in the list too."""

    pinned: Annotated[list[ListedPost], Field(default_factory=list)]


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """What is asked for, and where it goes on. `begun` null: it begins, or is by age."""

    sort: str
    tag: str | None
    begun: datetime | None
    rank: float
    id: UUID


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One page: `items` and `pinned` are ListedPosts as JSON, with commas between. `role` null: it
    is not theirs to know of.
    """

    role: ForumRole | None
    begun: datetime | None
    items: str | None
    pinned: str | None
    next_rank: float | None
    next_id: UUID | None


@dataclass(frozen=True, slots=True)
class ExpiredRanks:
    reached: datetime | None
