"""Queries of the previews of links: see infra/migrations/0013_link_previews.sql."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from cgraph.chat.messages.models import ChangedMessageRow
from cgraph.chat.messages.previews.models import PreviewIdRow, PreviewRow, ShownRow, TextRow
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.media.previews.models import FetchResult


async def texts(tx: Transaction, ids: Iterable[UUID]) -> list[TextRow]:
    """Those of the messages that are not deleted, and whose conversation has previews."""
    return await tx.fetch(
        TextRow,
        """
        SELECT m.id, m.content_html
        FROM messages m JOIN conversations c ON c.id = m.conversation_id
        WHERE m.id = ANY(%(ids)s::uuid[]) AND m.deleted_at IS NULL AND c.link_previews
        """,
        {"ids": list(ids)},
    )


async def request_previews(
    tx: Transaction, urls: Mapping[UUID, str], *, now: datetime
) -> list[UUID]:
    """Returns which of these are to be fetched: they are not known, and were not asked for in the
    last two minutes. Locks the rows of all of them.
    """
    ids = sorted(urls)
    rows = await tx.fetch(
        PreviewIdRow,
        """
        INSERT INTO link_previews AS p (id, url, requested_at, expires_at)
        SELECT id, url, %(now)s, %(now)s
        FROM unnest(%(ids)s::uuid[], %(urls)s::text[]) AS t (id, url)
        ORDER BY id
        ON CONFLICT (id) DO UPDATE SET requested_at = excluded.requested_at
        WHERE p.expires_at <= %(now)s AND p.requested_at < %(now)s - interval '2 minutes'
        RETURNING id
        """,
        {"ids": ids, "urls": [urls[id] for id in ids], "now": now},
    )
    return [row.id for row in rows]


async def known_previews(tx: Transaction, ids: Iterable[UUID], *, now: datetime) -> set[UUID]:
    """Those that are fetched, also where that failed."""
    rows = await tx.fetch(
        PreviewIdRow,
        """
        SELECT id FROM link_previews
        WHERE id = ANY(%(ids)s::uuid[]) AND fetched_at IS NOT NULL AND expires_at > %(now)s
        """,
        {"ids": list(ids), "now": now},
    )
    return {row.id for row in rows}


async def insert_waits(
    tx: Transaction, waits: Mapping[UUID, Collection[UUID]], *, now: datetime
) -> None:
    """`waits`: the previews for which each message waits."""
    pairs = [(preview, message) for message, previews in waits.items() for preview in previews]
    if not pairs:
        return
    await tx.execute(
        """
        INSERT INTO preview_waits AS w (preview_id, message_id, created_at)
        SELECT preview_id, message_id, %(now)s
        FROM unnest(%(previews)s::uuid[], %(messages)s::uuid[]) AS t (preview_id, message_id)
        ON CONFLICT (preview_id, message_id)
        DO UPDATE SET created_at = excluded.created_at, is_answered = false
        """,
        {
            "previews": [preview for preview, _ in pairs],
            "messages": [message for _, message in pairs],
            "now": now,
        },
    )


async def store_preview(
    tx: Transaction, result: FetchResult, *, expires_at: datetime, now: datetime
) -> None:
    """Also deletes some of what has expired."""
    await tx.execute(
        """
        INSERT INTO link_previews (id, url, title, description, site, failed, requested_at,
                                   fetched_at, expires_at)
        VALUES (%(id)s, %(url)s, %(title)s, %(description)s, %(site)s, %(failed)s, %(now)s, %(now)s,
                %(expires_at)s)
        ON CONFLICT (id) DO UPDATE
        SET title = excluded.title, description = excluded.description, site = excluded.site,
            failed = excluded.failed, fetched_at = excluded.fetched_at,
            expires_at = excluded.expires_at
        """,
        {**result.model_dump(), "expires_at": expires_at, "now": now},
    )
    await tx.execute(
        """
        DELETE FROM link_previews WHERE id IN (
            SELECT id FROM link_previews WHERE expires_at < %(now)s - interval '1 day'
            ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED)
        """,
        {"now": now},
    )
    await tx.execute(
        """
        DELETE FROM preview_waits WHERE (preview_id, message_id) IN (
            SELECT preview_id, message_id FROM preview_waits
            WHERE created_at < %(now)s - interval '1 hour'
            ORDER BY created_at LIMIT 20 FOR UPDATE SKIP LOCKED)
        """,
        {"now": now},
    )


async def answer_waits(tx: Transaction, *, preview: UUID) -> list[UUID]:
    """Returns the messages that waited for this one."""
    rows = await tx.fetch(
        PreviewIdRow,
        """
        UPDATE preview_waits SET is_answered = true WHERE preview_id = %(id)s
        RETURNING message_id AS id
        """,
        {"id": preview},
    )
    return sorted(row.id for row in rows)


async def lock_stream(tx: Transaction, *, message_id: UUID) -> None:
    """Locks the stream of the message's conversation until the transaction ends."""
    await tx.execute(
        """
        SELECT FROM messages m JOIN streams s ON s.id = m.conversation_id
        WHERE m.id = %(id)s
        FOR NO KEY UPDATE OF s
        """,
        {"id": message_id},
    )


async def delete_answered_waits(tx: Transaction, *, message_id: UUID) -> None:
    await tx.execute(
        "DELETE FROM preview_waits WHERE message_id = %(id)s AND is_answered",
        {"id": message_id},
    )


async def shown_by(tx: Transaction, *, message_id: UUID) -> ShownRow | None:
    return await tx.fetch_one(
        ShownRow,
        """
        SELECT m.content_html, m.previews, c.link_previews,
               EXISTS (SELECT FROM preview_waits w WHERE w.message_id = m.id) AS waits
        FROM messages m JOIN conversations c ON c.id = m.conversation_id
        WHERE m.id = %(id)s AND m.deleted_at IS NULL
        """,
        {"id": message_id},
    )


async def previews(tx: Transaction, ids: Sequence[UUID]) -> list[dict[str, str]]:
    """In this order, without those that failed."""
    rows = await tx.fetch(
        PreviewRow,
        """
        SELECT id, url, title, description, site FROM link_previews
        WHERE id = ANY(%(ids)s::uuid[]) AND fetched_at IS NOT NULL AND failed IS NULL
        """,
        {"ids": list(ids)},
    )
    shown = {
        row.id: {
            "url": row.url,
            "title": row.title,
            "description": row.description,
            "site": row.site,
        }
        for row in rows
    }
    return [shown[id] for id in ids if id in shown]


async def set_previews(
    tx: Transaction, *, message_id: UUID, previews: list[dict[str, str]]
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
        {"id": message_id, "previews": encode_json(previews)},
    )
    assert changed is not None, "the message was read under the stream's lock"
    return changed
