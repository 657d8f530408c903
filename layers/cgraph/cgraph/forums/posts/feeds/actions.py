"""The posts of a forum in pages. The order stays as it was when the first page was read."""

import json
from datetime import UTC, datetime
from uuid import UUID

from cgraph.core import clock, policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import CursorExpired, InvalidCursor, ValidationFailed
from cgraph.core.pagination import LAST_ID, decode_cursor, encode_cursor
from cgraph.core.policies import AccessContext
from cgraph.forums.errors import ForumNotFound
from cgraph.forums.policies import ForumRole
from cgraph.forums.posts.feeds import queries
from cgraph.forums.posts.feeds.models import (
    CURSOR_LIFETIME,
    FeedPosition,
    FeedRow,
    ListPostsQuery,
    PostSort,
    TopPeriod,
)
from cgraph.media.urls import fill

HIGHEST_RANK = 2.0**31 - 1
"""Above each rank: a score is a 32-bit integer, the others are far below."""
RANKS_BATCH_SIZE = 2000


async def list_posts(tx: Transaction, *, caller: Caller, slug: str, query: ListPostsQuery) -> str:
    """A PostPage, as JSON. Raises ForumNotFound, InvalidCursor, CursorExpired, ValidationFailed."""
    sort = _sort_in_postgres(query.sort, period=query.time, tag=query.tag)
    scope = f"posts:{slug}:{sort}:{query.tag or ''}"
    position = FeedPosition(sort, query.tag, None, HIGHEST_RANK, LAST_ID)
    if query.cursor is not None:
        position = _position_after(query.cursor, scope=scope, sort=sort, tag=query.tag)
    row = await queries.list_posts(
        tx, slug=slug, reader=caller.id, position=position, limit=query.limit
    )
    context = AccessContext(ForumRole(row.role)) if row.role else None
    policies.require(caller.policy, context, not_found=ForumNotFound)
    following = json.dumps(_next_cursor(row, scope=scope))
    page = f'{{"items":[{row.items or ""}],"next":{following},"pinned":[{row.pinned or ""}]}}'
    return fill(page)


async def expire_ranks(tx: Transaction) -> None:
    """Takes posts that are too old out of the lists of a day, a week, a month, and out of `rising`,
    so that a list need not read past them. Each batch is small, so that no lock is held for long.
    """
    reached: datetime | None = datetime(1, 1, 2, tzinfo=UTC)
    while reached is not None:
        reached = await queries.expire_ranks(tx, after=reached, at_most=RANKS_BATCH_SIZE)


def _sort_in_postgres(sort: PostSort | None, *, period: TopPeriod | None, tag: str | None) -> str:
    """The name of the list in the SQL function list_posts(). Raises ValidationFailed."""
    sort = sort or (PostSort.HOT if tag is None else PostSort.NEW)
    if tag is not None and sort is not PostSort.NEW:
        raise _invalid("tag", "goes with sort=new only")
    if period is not None and sort is not PostSort.TOP:
        raise _invalid("time", "goes with sort=top only")
    if sort is PostSort.TOP:
        return f"top {period or TopPeriod.ALL}"
    return "tag" if tag is not None else str(sort)


def _invalid(field: str, message: str) -> ValidationFailed:
    return ValidationFailed([{"field": field, "code": "value_error", "message": message}])


def _position_after(cursor: str, *, scope: str, sort: str, tag: str | None) -> FeedPosition:
    """Raises InvalidCursor, CursorExpired."""
    started_at, rank, id = decode_cursor(scope, cursor, datetime, float, UUID)
    if not -HIGHEST_RANK <= rank <= HIGHEST_RANK:
        raise InvalidCursor
    if sort not in ("new", "tag") and clock.now() - started_at > CURSOR_LIFETIME:
        raise CursorExpired
    return FeedPosition(sort, tag, started_at, rank, id)


def _next_cursor(row: FeedRow, *, scope: str) -> str | None:
    if row.next_id is None or row.started_at is None or row.next_rank is None:
        return None
    return encode_cursor(scope, row.started_at, row.next_rank, row.next_id)
