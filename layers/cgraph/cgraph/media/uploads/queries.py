"""Queries of uploads, for their owners."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.media.uploads.models import (
    CreatedRow,
    DeletionRow,
    PendingRow,
    PlanRow,
    UploadDraft,
    UploadListRow,
)
from cgraph.media.uploads.rules import Quota


async def plan_of(tx: Transaction, *, user_id: UUID) -> str | None:
    row = await tx.fetch_one(
        PlanRow, "SELECT plan FROM upload_plans WHERE user_id = %(user_id)s", {"user_id": user_id}
    )
    return row.plan if row else None


async def create_upload(
    tx: Transaction,
    *,
    id: UUID,
    user_id: UUID,
    draft: UploadDraft,
    quota: Quota,
    multipart_id: str | None,
    now: datetime,
) -> CreatedRow:
    row = await tx.fetch_one(
        CreatedRow,
        """
        SELECT create_upload(new_upload, %(most_bytes)s, %(most_an_hour)s) AS outcome,
               own_upload_json(new_upload)::text AS json
        FROM (
            SELECT jsonb_populate_record(NULL::uploads, jsonb_build_object(
                'id', %(id)s::uuid, 'user_id', %(user_id)s::uuid, 'purpose', %(purpose)s::text,
                'status', 'pending', 'filename', %(filename)s::text,
                'content_type', %(content_type)s::text, 'size', %(size)s::bigint,
                'checksum', %(checksum)s::text, 'multipart_id', %(multipart_id)s::text,
                'duration_ms', %(duration_ms)s::integer, 'waveform', %(waveform)s::text,
                'animated', false, 'objects', '[]'::jsonb, 'stored_bytes', 0,
                'created_at', %(now)s::timestamptz)) AS new_upload
            OFFSET 0
        ) AS made
        """,
        {
            "id": id,
            "user_id": user_id,
            "purpose": draft.purpose.value,
            "filename": draft.filename,
            "content_type": draft.content_type,
            "size": draft.size,
            "checksum": draft.checksum,
            "multipart_id": multipart_id,
            "duration_ms": draft.duration_ms,
            "waveform": draft.waveform,
            "now": now,
            "most_bytes": quota.bytes,
            "most_an_hour": quota.an_hour,
        },
    )
    assert row is not None, "the statement always returns one row"
    return row


async def own_upload(tx: Transaction, *, id: UUID, user_id: UUID) -> UploadListRow | None:
    return await tx.fetch_one(
        UploadListRow,
        """
        SELECT u.id, own_upload_json(u)::text AS json
        FROM uploads u
        WHERE u.id = %(id)s AND u.user_id = %(user_id)s AND u.deleted_at IS NULL
        """,
        {"id": id, "user_id": user_id},
    )


async def visible_upload(tx: Transaction, *, id: UUID, viewer: UUID) -> UploadListRow | None:
    """The viewer's own, or a ready one that something uses which the viewer sees."""
    return await tx.fetch_one(
        UploadListRow,
        """
        SELECT u.id, own_upload_json(u)::text AS json
        FROM uploads u
        WHERE u.id = %(id)s AND u.deleted_at IS NULL
          AND (u.user_id = %(viewer)s OR (u.status = 'ready' AND may_see_upload(%(viewer)s, u.id)))
        """,
        {"id": id, "viewer": viewer},
    )


async def list_uploads(
    tx: Transaction, *, user_id: UUID, below: UUID, limit: int
) -> list[UploadListRow]:
    """The user's uploads below an id, newest first."""
    return await tx.fetch(
        UploadListRow,
        """
        SELECT u.id, own_upload_json(u)::text AS json
        FROM uploads u
        WHERE u.user_id = %(user_id)s AND u.deleted_at IS NULL AND u.id < %(below)s
        ORDER BY u.id DESC
        LIMIT %(limit)s
        """,
        {"user_id": user_id, "below": below, "limit": limit},
    )


async def pending_upload(tx: Transaction, *, id: UUID, user_id: UUID) -> PendingRow | None:
    return await tx.fetch_one(
        PendingRow,
        """
        SELECT id, status, size, content_type, multipart_id, created_at
        FROM uploads
        WHERE id = %(id)s AND user_id = %(user_id)s AND deleted_at IS NULL
        """,
        {"id": id, "user_id": user_id},
    )


async def delete_upload(
    tx: Transaction, *, id: UUID, user_id: UUID, now: datetime
) -> DeletionRow | None:
    """Marks it as deleted unless something uses it. None: there is no such upload of this user."""
    return await tx.fetch_one(
        DeletionRow,
        "SELECT is_used, is_deleted FROM delete_upload(%(id)s, %(user_id)s, %(now)s)",
        {"id": id, "user_id": user_id, "now": now},
    )
