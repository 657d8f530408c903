"""Lists of posts; the statements are in infra/migrations/0007."""

from uuid import UUID

from cgraph.database import Transaction
from cgraph.posts.feeds.models import Feed, Walk


async def feed(tx: Transaction, *, slug: str, reader: UUID, walk: Walk, limit: int) -> Feed:
    found = await tx.fetch_one(
        Feed,
        """
        SELECT role, begun, items, pinned, next_rank, next_id
        FROM forum_feed(%(slug)s, %(reader)s, %(sort)s, %(tag)s, %(rank)s, %(id)s, %(limit)s,
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
