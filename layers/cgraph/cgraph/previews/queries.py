"""Queries of the previews of links: see infra/migrations/0013_link_previews.sql."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from cgraph.chat.messages.models import ChangedMessageRow
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.media.previews.models import FetchedPicture, FetchResult
from cgraph.previews.models import (
    IdRow,
    LoggedRow,
    OptionalIdRow,
    PreviewRow,
    TextKey,
    TextKeyRow,
    TextRow,
    WaitsRow,
)


async def texts(tx: Transaction, keys: Iterable[TextKey]) -> list[TextRow]:
    """Those that are neither deleted nor removed."""
    wanted = list(keys)
    return await tx.fetch(
        TextRow,
        "SELECT * FROM texts_with_previews(%(kinds)s, %(ids)s)",
        {"kinds": [key.kind for key in wanted], "ids": [key.id for key in wanted]},
    )


async def request_previews(
    tx: Transaction, urls: Mapping[UUID, str], *, now: datetime
) -> list[UUID]:
    """Returns which of these are to be fetched: they are not known, and were not asked for in the
    last two minutes. Locks the rows of all of them.
    """
    ids = sorted(urls)
    rows = await tx.fetch(
        IdRow,
        """
        INSERT INTO link_previews AS p (id, url, requested_at, expires_at)
        SELECT id, url, %(now)s, %(now)s
        FROM unnest(%(ids)s::uuid[], %(urls)s::text[]) AS t (id, url)
        ORDER BY id
        ON CONFLICT (id) DO UPDATE SET requested_at = excluded.requested_at
        WHERE (p.expires_at <= %(now)s OR is_picture_gone(p))
          AND p.requested_at < %(now)s - interval '2 minutes'
        RETURNING id
        """,
        {"ids": ids, "urls": [urls[id] for id in ids], "now": now},
    )
    return [row.id for row in rows]


async def known_previews(tx: Transaction, ids: Iterable[UUID], *, now: datetime) -> set[UUID]:
    """Those that are fetched, also where that failed."""
    rows = await tx.fetch(
        IdRow,
        """
        SELECT p.id FROM link_previews p
        WHERE p.id = ANY(%(ids)s::uuid[]) AND p.fetched_at IS NOT NULL AND p.expires_at > %(now)s
          AND NOT is_picture_gone(p)
        """,
        {"ids": list(ids), "now": now},
    )
    return {row.id for row in rows}


async def insert_waits(
    tx: Transaction, waits: Mapping[TextKey, Collection[UUID]], *, now: datetime
) -> None:
    """`waits`: the previews for which each text waits."""
    pairs = [(preview, key) for key, previews in waits.items() for preview in previews]
    if not pairs:
        return
    await tx.execute(
        """
        INSERT INTO preview_waits AS w (preview_id, kind, text_id, created_at)
        SELECT preview_id, kind, text_id, %(now)s
        FROM unnest(%(previews)s::uuid[], %(kinds)s::text[], %(ids)s::uuid[])
            AS t (preview_id, kind, text_id)
        ON CONFLICT (preview_id, text_id)
        DO UPDATE SET created_at = excluded.created_at, is_answered = false
        """,
        {
            "previews": [preview for preview, _ in pairs],
            "kinds": [key.kind for _, key in pairs],
            "ids": [key.id for _, key in pairs],
            "now": now,
        },
    )


async def store_preview(
    tx: Transaction,
    result: FetchResult,
    *,
    picture_id: UUID | None,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Also deletes some of what has expired."""
    await tx.execute(
        """
        INSERT INTO link_previews (id, url, title, description, site, picture_id, failed,
                                   requested_at, fetched_at, expires_at)
        VALUES (%(id)s, %(url)s, %(title)s, %(description)s, %(site)s, %(picture_id)s, %(failed)s,
                %(now)s, %(now)s, %(expires_at)s)
        ON CONFLICT (id) DO UPDATE
        SET title = excluded.title, description = excluded.description, site = excluded.site,
            picture_id = excluded.picture_id, failed = excluded.failed,
            fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
        """,
        {
            **result.model_dump(exclude={"picture"}),
            "picture_id": picture_id,
            "expires_at": expires_at,
            "now": now,
        },
    )
    await tx.execute("SELECT forget_old_previews(%(now)s)", {"now": now})


async def answer_waits(tx: Transaction, *, preview: UUID) -> list[TextKey]:
    """Returns the texts that waited for this one."""
    rows = await tx.fetch(
        TextKeyRow,
        """
        UPDATE preview_waits SET is_answered = true WHERE preview_id = %(id)s
        RETURNING kind, text_id AS id
        """,
        {"id": preview},
    )
    return sorted(TextKey(row.kind, row.id) for row in rows)


async def lock_streams(tx: Transaction, key: TextKey) -> None:
    """Until the transaction ends."""
    await tx.execute("SELECT lock_streams_of(%(kind)s, %(id)s)", {"kind": key.kind, "id": key.id})


async def delete_answered_waits(tx: Transaction, key: TextKey) -> None:
    await tx.execute(
        "DELETE FROM preview_waits WHERE text_id = %(id)s AND is_answered", {"id": key.id}
    )


async def is_waiting(tx: Transaction, key: TextKey) -> bool:
    """Whether some of its pages are not fetched yet."""
    row = await tx.fetch_one(
        WaitsRow,
        "SELECT EXISTS (SELECT FROM preview_waits w WHERE w.text_id = %(id)s) AS waits",
        {"id": key.id},
    )
    assert row is not None, "EXISTS always returns one row"
    return row.waits


async def previews(tx: Transaction, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """In this order, without those that failed. Their pictures are locked."""
    rows = await tx.fetch(
        PreviewRow, "SELECT preview FROM previews_of(%(ids)s::uuid[])", {"ids": list(ids)}
    )
    return [row.preview for row in rows]


async def set_message_previews(
    tx: Transaction, *, id: UUID, previews: list[dict[str, Any]]
) -> ChangedMessageRow:
    changed = await tx.fetch_one(
        ChangedMessageRow,
        """
        UPDATE messages m SET previews = %(previews)s::jsonb
        WHERE m.id = %(id)s
        RETURNING message_json(m, NULL) AS message, ARRAY (
            SELECT user_id FROM conversation_members cm
            WHERE cm.conversation_id = m.conversation_id) AS audience,
            history_limits(m.conversation_id) AS history_limits
        """,
        {"id": id, "previews": encode_json(previews)},
    )
    assert changed is not None, "the message was read under the stream's lock"
    return changed


async def set_forum_previews(
    tx: Transaction, key: TextKey, *, previews: list[dict[str, Any]], now: datetime
) -> LoggedRow:
    """Of a post or a comment."""
    statement: LiteralString = "SELECT * FROM set_comment_previews(%(id)s, %(previews)s, %(now)s)"
    if key.kind == "post":
        statement = "SELECT * FROM set_post_previews(%(id)s, %(previews)s, %(now)s)"
    parameters = {"id": key.id, "previews": encode_json(previews), "now": now}
    row = await tx.fetch_one(LoggedRow, statement, parameters)
    assert row is not None, "the function always returns one row"
    return row


async def same_picture(tx: Transaction, *, preview: UUID, digest: str) -> UUID | None:
    """The upload that the page's picture has already."""
    statement: LiteralString = "SELECT same_picture(%(preview)s, %(digest)s) AS id"
    row = await tx.fetch_one(OptionalIdRow, statement, {"preview": preview, "digest": digest})
    return row.id if row else None


async def begin_picture(
    tx: Transaction, *, id: UUID, size: int, digest: str, picture: FetchedPicture, now: datetime
) -> None:
    """As long as it is not ready, its object may be missing, and it is swept after a day."""
    await tx.execute(
        """
        INSERT INTO uploads (id, purpose, status, filename, content_type, size, checksum, kind,
                             width, height, created_at)
        VALUES (%(id)s, 'preview', 'processing', 'picture.webp', 'image/webp', %(size)s, %(digest)s,
                'image', %(width)s, %(height)s, %(now)s)
        """,
        {
            "id": id,
            "size": size,
            "digest": digest,
            "width": picture.width,
            "height": picture.height,
            "now": now,
        },
    )


async def finish_picture(tx: Transaction, *, id: UUID, name: str, now: datetime) -> None:
    await tx.execute(
        """
        UPDATE uploads
        SET status = 'ready', ready_at = %(now)s, stored_bytes = size,
            objects = jsonb_build_array(jsonb_build_object(
                'name', %(name)s::text, 'content_type', content_type, 'size', size,
                'width', width, 'height', height))
        WHERE id = %(id)s
        """,
        {"id": id, "name": name, "now": now},
    )
