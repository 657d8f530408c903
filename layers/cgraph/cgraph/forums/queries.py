"""Forums and their members in Postgres."""

from datetime import UTC, datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.forums.models import (
    AppendedRow,
    ForumAccess,
    ForumJSON,
    ForumRow,
    ForumView,
    LastWrite,
    MemberId,
    Order,
    Settings,
)

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


async def place_of(tx: Transaction, *, slug: str, reader: UUID) -> ForumAccess | None:
    """None also where it is not theirs to know of it."""
    return await tx.fetch_one(
        ForumAccess,
        """
        SELECT id, slug, forum_role(id, %(reader)s) AS role, visibility, posting,
               slow_mode_seconds, tags, tag_required, is_shadow_banned(id, %(reader)s) AS shadowed
        FROM forums
        WHERE lower(slug) = lower(%(slug)s) AND forum_role(id, %(reader)s) IS NOT NULL
        """,
        {"slug": slug, "reader": reader},
    )


async def place_by_id(tx: Transaction, *, id: UUID, reader: UUID) -> ForumAccess | None:
    """As `place_of`."""
    return await tx.fetch_one(
        ForumAccess,
        """
        SELECT id, slug, forum_role(id, %(reader)s) AS role, visibility, posting,
               slow_mode_seconds, tags, tag_required, is_shadow_banned(id, %(reader)s) AS shadowed
        FROM forums
        WHERE id = %(id)s AND forum_role(id, %(reader)s) IS NOT NULL
        """,
        {"id": id, "reader": reader},
    )


async def insert_forum(
    tx: Transaction,
    *,
    forum: ForumView,
    nonce: str | None,
    body_hash: bytes,
) -> int:
    """The forum, its stream, its owner, and `forum.joined` in the owner's own stream: the number
    there. Raises AlreadyExists (`forums_slug_key`, `nonces_pkey`).
    """
    row = await tx.fetch_one(
        AppendedRow,
        """
        WITH forum AS (
            INSERT INTO forums (id, slug, name, description, rules, visibility, posting,
                                slow_mode_seconds, tags, tag_required, created_by, created_at,
                                active_at, member_count)
            VALUES (%(id)s, %(slug)s, %(name)s, %(description)s, %(rules)s, %(visibility)s,
                    %(posting)s, %(slow_mode_seconds)s, %(tags)s, %(tag_required)s, %(founder)s,
                    %(now)s, %(now)s, 1)
        ), stream AS (
            INSERT INTO streams (id, kind) VALUES (%(id)s, 'forum')
        ), member AS (
            INSERT INTO forum_members (forum_id, user_id, role, joined_at)
            VALUES (%(id)s, %(founder)s, 'owner', %(now)s)
        ), spent AS (
            INSERT INTO nonces (user_id, nonce, body_hash, stream_id, seq, created_at)
            SELECT %(founder)s, %(nonce)s, %(body_hash)s, %(id)s, 0, %(now)s
            WHERE %(nonce)s::text IS NOT NULL
        ), stream_head AS (
            UPDATE streams SET head = head + 1 WHERE id = %(founder)s RETURNING head
        )
        INSERT INTO events (stream_id, seq, type, payload, created_at)
        SELECT %(founder)s, head, 'forum.joined', %(payload)s::jsonb, %(now)s FROM stream_head
        RETURNING seq
        """,
        {
            **forum.model_dump(),
            "founder": forum.created_by,
            "now": forum.created_at,
            "nonce": nonce,
            "body_hash": body_hash,
            "payload": encode_json({"forum": forum.model_dump(mode="json")}),
        },
    )
    assert row is not None, "everybody has a stream"
    return row.seq


async def forum_of(tx: Transaction, *, slug: str, reader: UUID) -> ForumJSON | None:
    """None also where it is not theirs to know of it."""
    return await tx.fetch_one(
        ForumJSON,
        """
        SELECT role, forum_json(f, %(reader)s)::text AS shown
        FROM forums f, forum_role(f.id, %(reader)s) AS role
        WHERE lower(f.slug) = lower(%(slug)s) AND role IS NOT NULL
        """,
        {"slug": slug, "reader": reader},
    )


async def as_seen_by(tx: Transaction, *, id: UUID, reader: UUID) -> str:
    """A SeenForum, as JSON, of somebody who may see it."""
    row = await tx.fetch_one(
        ForumJSON,
        """
        SELECT 'reader' AS role, forum_json(f, %(reader)s)::text AS shown
        FROM forums f WHERE f.id = %(id)s
        """,
        {"id": id, "reader": reader},
    )
    assert row is not None, "nothing deletes a forum"
    return row.shown


async def forums_of(
    tx: Transaction,
    *,
    reader: UUID,
    said: str | None,
    mine: bool,
    order: Order,
    after: ForumRow | None,
    limit: int,
) -> list[ForumRow]:
    """list_forums() is in infra/schema/forums/forums.sql."""
    first = UUID(int=0) if order is Order.NAME else UUID(int=2**128 - 1)
    return await tx.fetch(
        ForumRow,
        """
        SELECT f.id, f.active_at, lower(f.name) AS name,
               forum_json(f, %(reader)s)::text AS shown
        FROM list_forums(%(reader)s, %(said)s, %(mine)s, %(by_name)s,
                         %(at)s, %(name)s, %(id)s, %(limit)s) f
        """,
        {
            "reader": reader,
            "said": said,
            "mine": mine,
            "by_name": order is Order.NAME,
            "at": after.active_at if after else END_OF_TIME,
            "name": after.name if after else "",
            "id": after.id if after else first,
            "limit": limit,
        },
    )


async def settings_of(tx: Transaction, *, id: UUID) -> Settings:
    row = await tx.fetch_one(
        Settings,
        """
        SELECT name, description, rules, visibility, posting, slow_mode_seconds, tags, tag_required
        FROM forums WHERE id = %(id)s
        """,
        {"id": id},
    )
    assert row is not None, "nothing deletes a forum"
    return row


async def change_settings(tx: Transaction, *, id: UUID, settings: Settings) -> None:
    await tx.execute(
        """
        UPDATE forums
        SET name = %(name)s, description = %(description)s, rules = %(rules)s,
            visibility = %(visibility)s, posting = %(posting)s,
            slow_mode_seconds = %(slow_mode_seconds)s, tags = %(tags)s,
            tag_required = %(tag_required)s
        WHERE id = %(id)s
        """,
        {"id": id, **settings.model_dump()},
    )


async def lock(tx: Transaction, *, id: UUID) -> None:
    """The forum's stream, until the transaction ends: what is looked at after it stays so."""
    await tx.execute("SELECT FROM streams WHERE id = %(id)s FOR NO KEY UPDATE", {"id": id})


async def members_of(tx: Transaction, *, id: UUID) -> list[UUID]:
    """Without those who are banned just now."""
    rows = await tx.fetch(
        MemberId,
        """
        SELECT user_id FROM forum_members m
        WHERE forum_id = %(id)s AND NOT EXISTS (
            SELECT FROM forum_bans b
            WHERE b.forum_id = m.forum_id AND b.user_id = m.user_id
              AND NOT b.shadow AND b.until > now())
        """,
        {"id": id},
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
