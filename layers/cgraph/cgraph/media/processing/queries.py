"""Queries of uploads that are being processed."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.media.processing.models import ClaimRow, FinishedRow, UploadRow
from cgraph.media.processing.results import Processed


async def begin_processing(
    tx: Transaction, *, id: UUID, claim: UUID, now: datetime, until: datetime
) -> UploadRow | None:
    """None if there is nothing to do (it is ready, refused, deleted or gone), or if another claim
    has not ended.
    """
    return await tx.fetch_one(
        UploadRow,
        """
        UPDATE uploads SET status = 'processing', claim = %(claim)s, claimed_until = %(until)s
        WHERE id = %(id)s AND status IN ('pending', 'processing') AND deleted_at IS NULL
          AND (claimed_until IS NULL OR claimed_until <= %(now)s)
        RETURNING id, user_id, purpose, filename, content_type, size, checksum, waveform
        """,
        {"id": id, "claim": claim, "now": now, "until": until},
    )


async def is_claimed(tx: Transaction, *, id: UUID, now: datetime) -> bool:
    row = await tx.fetch_one(
        ClaimRow,
        """
        SELECT id FROM uploads
        WHERE id = %(id)s AND status = 'processing' AND deleted_at IS NULL
          AND claimed_until > %(now)s
        """,
        {"id": id, "now": now},
    )
    return row is not None


async def renew_claim(tx: Transaction, *, id: UUID, claim: UUID, until: datetime) -> None:
    """Unless another one has it now."""
    await tx.execute(
        "UPDATE uploads SET claimed_until = %(until)s WHERE id = %(id)s AND claim = %(claim)s",
        {"id": id, "claim": claim, "until": until},
    )


async def finish_upload(
    tx: Transaction, *, id: UUID, processed: Processed, now: datetime
) -> FinishedRow:
    objects = [each.described() for each in processed.files]
    change = {
        "status": "ready",
        "kind": processed.kind,
        "content_type": objects[0]["content_type"],
        "size": objects[0]["size"],
        "width": processed.width,
        "height": processed.height,
        "duration_ms": processed.duration_ms,
        "animated": processed.animated,
        "placeholder": processed.placeholder,
        "waveform": processed.waveform,
        "objects": objects,
        "stored_bytes": sum(each.size for each in processed.files),
    }
    return await _finish(tx, id=id, change=change, now=now)


async def refuse_upload(tx: Transaction, *, id: UUID, reason: str, now: datetime) -> FinishedRow:
    return await _finish(tx, id=id, change={"status": "refused", "reason": reason}, now=now)


async def _finish(
    tx: Transaction, *, id: UUID, change: dict[str, object], now: datetime
) -> FinishedRow:
    row = await tx.fetch_one(
        FinishedRow,
        "SELECT outcome, event FROM finish_upload(%(id)s, %(change)s::jsonb, %(now)s)",
        {"id": id, "change": encode_json(change), "now": now},
    )
    assert row is not None, "the function always returns one row"
    return row
