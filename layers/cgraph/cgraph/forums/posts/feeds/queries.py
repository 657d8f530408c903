"""Lists of posts in Postgres."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.posts.feeds.models import ExpiredRanksRow, FeedPosition, FeedRow


async def list_posts(
    tx: Transaction, *, slug: str, reader: UUID, position: FeedPosition, limit: int
) -> FeedRow:
    row = await tx.fetch_one(
        FeedRow,
        """
        SELECT role, ranks_at AS started_at, items, pinned, next_rank, next_id
        FROM list_posts(%(slug)s, %(reader)s, %(sort)s, %(tag)s, %(rank)s, %(id)s, %(limit)s,
                        %(started_at)s)
        """,
        {
            "slug": slug,
            "reader": reader,
            "sort": position.sort,
            "tag": position.tag,
            "rank": position.rank,
            "id": position.id,
            "limit": limit,
            "started_at": position.started_at,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def expire_ranks(tx: Transaction, *, after: datetime, at_most: int) -> datetime | None:
    """Of at most so many posts created after that time, the oldest first. Returns the creation time
    of the last one; None where no post is left.
    """
    row = await tx.fetch_one(
        ExpiredRanksRow,
        "SELECT expire_ranks(%(after)s, %(at_most)s) AS reached",
        {"after": after, "at_most": at_most},
    )
    assert row is not None, "the function always returns one row"
    return row.reached
