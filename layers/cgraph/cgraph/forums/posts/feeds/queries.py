"""Lists of posts: list_posts() of infra/schema/forums/feeds.sql."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.posts.feeds.models import ExpiredRanks, FeedPage, FeedPosition


async def feed(
    tx: Transaction, *, slug: str, reader: UUID, walk: FeedPosition, limit: int
) -> FeedPage:
    found = await tx.fetch_one(
        FeedPage,
        """
        SELECT role, ranks_at AS begun, items, pinned, next_rank, next_id
        FROM list_posts(%(slug)s, %(reader)s, %(sort)s, %(tag)s, %(rank)s, %(id)s, %(limit)s,
                        %(begun)s)
        """,
        {
            "slug": slug,
            "reader": reader,
            "sort": walk.sort,
            "tag": walk.tag,
            "rank": walk.rank,
            "id": walk.id,
            "limit": limit,
            "begun": walk.begun,
        },
    )
    assert found is not None, "a function answers one row"
    return found


async def expire_ranks(tx: Transaction, *, after: datetime, at_most: int) -> datetime | None:
    """Of the posts made after that moment, the oldest first. Where it got to; None at the end."""
    row = await tx.fetch_one(
        ExpiredRanks,
        "SELECT expire_ranks(%(after)s, %(at_most)s) AS reached",
        {"after": after, "at_most": at_most},
    )
    assert row is not None, "a function answers one row"
    return row.reached
