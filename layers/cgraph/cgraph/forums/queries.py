"""Forums and their members in Postgres."""

from datetime import datetime
from uuid import UUID

from cgraph.database import Transaction
from cgraph.forums.models import LastWrite, Place, Someone


async def place_of(tx: Transaction, *, slug: str, reader: UUID) -> Place | None:
    """None also where it is not theirs to know of it."""
    return await tx.fetch_one(
        Place,
        """
        SELECT id, slug, forum_role(id, %(reader)s) AS role, visibility, posting,
               slow_mode_seconds, tags, tag_required, is_shadowed(id, %(reader)s) AS shadowed
        FROM forums
        WHERE lower(slug) = lower(%(slug)s) AND forum_role(id, %(reader)s) IS NOT NULL
        """,
        {"slug": slug, "reader": reader},
    )


async def place_by_id(tx: Transaction, *, id: UUID, reader: UUID) -> Place | None:
    """As `place_of`."""
    return await tx.fetch_one(
        Place,
        """
        SELECT id, slug, forum_role(id, %(reader)s) AS role, visibility, posting,
               slow_mode_seconds, tags, tag_required, is_shadowed(id, %(reader)s) AS shadowed
        FROM forums
        WHERE id = %(id)s AND forum_role(id, %(reader)s) IS NOT NULL
        """,
        {"id": id, "reader": reader},
    )


async def lock(tx: Transaction, *, id: UUID) -> None:
    """The forum's stream, until the transaction ends: what is looked at after it stays so."""
    await tx.execute("SELECT FROM streams WHERE id = %(id)s FOR NO KEY UPDATE", {"id": id})


async def members_of(tx: Transaction, *, id: UUID) -> list[UUID]:
    rows = await tx.fetch(
        Someone, "SELECT user_id FROM forum_members WHERE forum_id = %(id)s", {"id": id}
    )
    return [row.user_id for row in rows]


async def take_turn(
    tx: Transaction, *, id: UUID, user_id: UUID, pause_seconds: int, now: datetime
) -> bool:
    """Whether their last write is long enough ago; then this one is their last. Of two at once,
    the second waits for the first.
    """
    return bool(
        await tx.execute(
            """
            INSERT INTO forum_writes (forum_id, user_id, written_at)
            VALUES (%(id)s, %(user_id)s, %(now)s)
            ON CONFLICT (forum_id, user_id) DO UPDATE SET written_at = excluded.written_at
            WHERE forum_writes.written_at <= %(now)s - make_interval(secs => %(pause)s)
            """,
            {"id": id, "user_id": user_id, "pause": pause_seconds, "now": now},
        )
    )


async def last_write(tx: Transaction, *, id: UUID, user_id: UUID) -> datetime:
    row = await tx.fetch_one(
        LastWrite,
        "SELECT written_at FROM forum_writes WHERE forum_id = %(id)s AND user_id = %(user_id)s",
        {"id": id, "user_id": user_id},
    )
    assert row is not None, "it has just refused another"
    return row.written_at
