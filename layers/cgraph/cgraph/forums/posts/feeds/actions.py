"""The posts of a forum, in an order that stays as it was when one began to page through it."""

import json
from datetime import UTC, datetime
from uuid import UUID

from cgraph.core import clock, policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import CursorExpired, InvalidCursor, ValidationFailed
from cgraph.core.pagination import decode_cursor, encode_cursor
from cgraph.core.policies import AccessContext
from cgraph.forums.errors import ForumNotFound
from cgraph.forums.policies import ForumRole
from cgraph.forums.posts.feeds import queries
from cgraph.forums.posts.feeds.models import (
    CURSOR_LIFETIME,
    FeedPage,
    FeedPosition,
    ListPostsQuery,
    Period,
    Sort,
)

HIGHEST = 2.0**31 - 1
"""Above each rank: a score is a 32-bit integer, the others are far below."""
LAST_ID = UUID(int=2**128 - 1)
RANKS_AT_ONCE = 2000


async def list_posts(tx: Transaction, *, caller: Caller, slug: str, wish: ListPostsQuery) -> str:
    """A PostPage, as JSON. Raises ForumNotFound, InvalidCursor, CursorExpired, ValidationFailed."""
    order = _order(wish.sort, period=wish.time, tag=wish.tag)
    scope = f"posts:{slug}:{order}:{wish.tag or ''}"
    walk = FeedPosition(order, wish.tag, None, HIGHEST, LAST_ID)
    if wish.cursor is not None:
        walk = _going_on(walk, scope=scope, cursor=wish.cursor)
    feed = await queries.feed(tx, slug=slug, reader=caller.id, walk=walk, limit=wish.limit)
    context = AccessContext(ForumRole(feed.role)) if feed.role else None
    policies.require(caller.policy, context, not_found=ForumNotFound)
    following = json.dumps(_next(feed, scope=scope))
    return f'{{"items":[{feed.items or ""}],"next":{following},"pinned":[{feed.pinned or ""}]}}'


async def expire_ranks(tx: Transaction) -> None:
    """Takes posts that are too old out of the lists of a day, a week, a month and of what rises, so
    that these need not be read past; small steps, so that no lock is held for long.
    """
    reached: datetime | None = datetime(1, 1, 2, tzinfo=UTC)
    while reached is not None:
        reached = await queries.expire_ranks(tx, after=reached, at_most=RANKS_AT_ONCE)


def _order(sort: Sort | None, *, period: Period | None, tag: str | None) -> str:
    """As Postgres names it. Raises ValidationFailed."""
    sort = sort or (Sort.HOT if tag is None else Sort.NEW)
    if tag is not None and sort is not Sort.NEW:
        raise _refused("tag", "goes with sort=new only")
    if period is not None and sort is not Sort.TOP:
        raise _refused("time", "goes with sort=top only")
    if sort is Sort.TOP:
        return f"top {period or Period.ALL}"
    return "tag" if tag is not None else str(sort)


def _refused(field: str, message: str) -> ValidationFailed:
    return ValidationFailed([{"field": field, "code": "value_error", "message": message}])


def _going_on(walk: FeedPosition, *, scope: str, cursor: str) -> FeedPosition:
    """Raises InvalidCursor, CursorExpired."""
    begun, rank, last = decode_cursor(scope, cursor, str, str, str)
    try:
        moment = datetime.fromisoformat(str(begun)).astimezone(UTC)
        position = FeedPosition(walk.sort, walk.tag, moment, float(rank), UUID(str(last)))
    except (ValueError, OverflowError):
        raise InvalidCursor from None
    if not -HIGHEST <= position.rank <= HIGHEST:
        raise InvalidCursor
    if walk.sort not in ("new", "tag") and clock.now() - moment > CURSOR_LIFETIME:
        raise CursorExpired
    return position


def _next(feed: FeedPage, *, scope: str) -> str | None:
    if feed.next_id is None or feed.begun is None or feed.next_rank is None:
        return None
    return encode_cursor(scope, feed.begun.isoformat(), repr(feed.next_rank), str(feed.next_id))
