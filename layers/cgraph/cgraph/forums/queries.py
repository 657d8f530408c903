"""Forums and their members in Postgres."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.pagination import END_OF_TIME, FIRST_ID, LAST_ID
from cgraph.events.log import AppendedRow
from cgraph.forums.models import (
    ForumAccess,
    ForumJSONRow,
    ForumRow,
    ForumSort,
    ForumView,
    MemberIdRow,
)


async def forum_access_by_slug(
    tx: Transaction, *, slug: str, user_id: UUID, for_update: bool = False
) -> ForumAccess | None:
    """None where there is no such forum and where it is private and the user is not a member.
    `for_update`: with the forum's stream locked until the transaction ends.
    """
    return await tx.fetch_one(
        ForumAccess,
        """
        SELECT a.* FROM forums f, forum_access(f.id, %(user_id)s, false, %(for_update)s) a
        WHERE lower(f.slug) = lower(%(slug)s)
        """,
        {"slug": slug, "user_id": user_id, "for_update": for_update},
    )


async def forum_access_by_id(tx: Transaction, *, id: UUID, user_id: UUID) -> ForumAccess | None:
    """As `forum_access_by_slug`."""
    return await tx.fetch_one(
        ForumAccess,
        "SELECT * FROM forum_access(%(id)s, %(user_id)s, false, false)",
        {"id": id, "user_id": user_id},
    )


async def insert_forum(
    tx: Transaction,
    *,
    forum: ForumView,
    nonce: str | None,
    body_hash: bytes,
) -> int:
    """Inserts the forum, its stream, its owner's membership, and the event `forum.joined` in the
    owner's own stream. Returns the event's number there.

    Raises AlreadyExists (`forums_slug_key`, `nonces_pkey`).
    """
    row = await tx.fetch_one(
        AppendedRow,
        """
        WITH forum AS (
            INSERT INTO forums (id, slug, name, description, rules, visibility, posting,
                                slow_mode_seconds, tags, tag_required, join_requests, link_previews,
                                created_by, created_at, active_at, member_count)
            VALUES (%(id)s, %(slug)s, %(name)s, %(description)s, %(rules)s, %(visibility)s,
                    %(posting)s, %(slow_mode_seconds)s, %(tags)s, %(tag_required)s,
                    %(join_requests)s, %(link_previews)s, %(owner_id)s, %(now)s, %(now)s, 1)
        ), stream AS (
            INSERT INTO streams (id, kind) VALUES (%(id)s, 'forum')
        ), member AS (
            INSERT INTO forum_members (forum_id, user_id, role, joined_at)
            VALUES (%(id)s, %(owner_id)s, 'owner', %(now)s)
        ), spent AS (
            INSERT INTO nonces (user_id, nonce, body_hash, stream_id, seq, created_at)
            SELECT %(owner_id)s, %(nonce)s, %(body_hash)s, %(id)s, 0, %(now)s
            WHERE %(nonce)s::text IS NOT NULL
        ), appended AS (
            UPDATE streams SET head = head + 1 WHERE id = %(owner_id)s RETURNING head
        )
        INSERT INTO events (stream_id, seq, type, payload, created_at)
        SELECT %(owner_id)s, head, 'forum.joined', %(payload)s::jsonb, %(now)s FROM appended
        RETURNING seq
        """,
        {
            **forum.model_dump(),
            "owner_id": forum.created_by,
            "now": forum.created_at,
            "nonce": nonce,
            "body_hash": body_hash,
            "payload": encode_json({"forum": forum.model_dump(mode="json")}),
        },
    )
    assert row is not None, "every user has a stream"
    return row.seq


async def forum_json_by_slug(tx: Transaction, *, slug: str, reader: UUID) -> ForumJSONRow | None:
    """None as in `forum_access_by_slug`."""
    return await tx.fetch_one(
        ForumJSONRow,
        """
        SELECT role, forum_json(f, %(reader)s)::text AS json
        FROM forums f, forum_role(f.id, %(reader)s) AS role
        WHERE lower(f.slug) = lower(%(slug)s) AND role IS NOT NULL
        """,
        {"slug": slug, "reader": reader},
    )


async def forum_json_by_id(tx: Transaction, *, id: UUID, reader: UUID) -> str:
    """A ForumView, as JSON. The reader is known to be allowed to see the forum."""
    row = await tx.fetch_one(
        ForumJSONRow,
        """
        SELECT 'reader' AS role, forum_json(f, %(reader)s)::text AS json
        FROM forums f WHERE f.id = %(id)s
        """,
        {"id": id, "reader": reader},
    )
    assert row is not None, "nothing deletes a forum"
    return row.json


async def list_forums(
    tx: Transaction,
    *,
    reader: UUID,
    text: str | None,
    mine: bool,
    sort: ForumSort,
    after: tuple[datetime, str, UUID] | None,
    limit: int,
) -> list[ForumRow]:
    """`after`: activity, name and id of the last forum of the page before."""
    first_id = FIRST_ID if sort is ForumSort.NAME else LAST_ID
    active_at, name, id = after or (END_OF_TIME, "", first_id)
    return await tx.fetch(
        ForumRow,
        """
        SELECT f.id, f.active_at, lower(f.name) AS name,
               forum_json(f, %(reader)s)::text AS json
        FROM list_forums(%(reader)s, %(text)s, %(mine)s, %(by_name)s,
                         %(active_at)s, %(name)s, %(id)s, %(limit)s) f
        """,
        {
            "reader": reader,
            "text": text,
            "mine": mine,
            "by_name": sort is ForumSort.NAME,
            "active_at": active_at,
            "name": name,
            "id": id,
            "limit": limit,
        },
    )


async def lock_forum_stream(tx: Transaction, *, id: UUID) -> None:
    """Locks the forum's stream until the transaction ends."""
    await tx.execute("SELECT FROM streams WHERE id = %(id)s FOR NO KEY UPDATE", {"id": id})


async def member_ids(tx: Transaction, *, id: UUID) -> list[UUID]:
    """Without the members who are banned now."""
    rows = await tx.fetch(
        MemberIdRow,
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
