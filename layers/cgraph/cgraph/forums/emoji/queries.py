"""Emoji in Postgres. The caller of a write has locked the forum's stream."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.forums.emoji.models import EmojiCountRow, EmojiRow
from cgraph.media.pictures.models import Picture


async def list_emoji(tx: Transaction, *, forum_id: UUID) -> list[EmojiRow]:
    """In the order of their names."""
    return await tx.fetch(
        EmojiRow,
        """
        SELECT name, emoji_json(e)::text AS json FROM forum_emoji e
        WHERE forum_id = %(forum_id)s ORDER BY name
        """,
        {"forum_id": forum_id},
    )


async def count_others(tx: Transaction, *, forum_id: UUID, name: str) -> int:
    row = await tx.fetch_one(
        EmojiCountRow,
        """
        SELECT count(*) AS count FROM forum_emoji
        WHERE forum_id = %(forum_id)s AND name <> %(name)s
        """,
        {"forum_id": forum_id, "name": name},
    )
    assert row is not None, "an aggregate returns one row"
    return row.count


async def put_emoji(
    tx: Transaction,
    *,
    id: UUID,
    forum_id: UUID,
    name: str,
    picture: Picture,
    created_by: UUID,
    now: datetime,
) -> str:
    """An Emoji, as JSON. `id`: of a new one; one of this name keeps its id."""
    row = await tx.fetch_one(
        EmojiRow,
        """
        INSERT INTO forum_emoji AS e (id, forum_id, name, picture, created_by, created_at)
        VALUES (%(id)s, %(forum_id)s, %(name)s, %(picture)s::jsonb, %(created_by)s, %(now)s)
        ON CONFLICT (forum_id, name) DO UPDATE
        SET picture = excluded.picture, created_by = excluded.created_by,
            created_at = excluded.created_at
        RETURNING name, emoji_json(e)::text AS json
        """,
        {
            "id": id,
            "forum_id": forum_id,
            "name": name,
            "picture": encode_json(picture.model_dump(mode="json")),
            "created_by": created_by,
            "now": now,
        },
    )
    assert row is not None, "the statement returns one row"
    return row.json


async def delete_emoji(tx: Transaction, *, forum_id: UUID, name: str) -> bool:
    """Returns False if the forum has none of this name."""
    deleted = await tx.execute(
        "DELETE FROM forum_emoji WHERE forum_id = %(forum_id)s AND name = %(name)s",
        {"forum_id": forum_id, "name": name},
    )
    return deleted > 0
