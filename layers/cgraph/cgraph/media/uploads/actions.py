"""Uploads, for their owners: begin, see, send in parts, delete."""

from datetime import datetime, timedelta
from uuid import UUID

from cgraph.core import clock, queues, snapstart
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.errors import Refusal
from cgraph.core.ids import UserId, uuid7
from cgraph.core.log import logger
from cgraph.core.pagination import LAST_ID, decode_cursor, page_json
from cgraph.core.settings import settings
from cgraph.media import storage, urls
from cgraph.media.errors import (
    FileTooLarge,
    PartsMissing,
    StorageFull,
    TooManyUploads,
    TypeNotSupported,
    UploadInUse,
    UploadNotFound,
    UploadNotPending,
)
from cgraph.media.presigned_form import presigned_form
from cgraph.media.uploads import queries, rules
from cgraph.media.uploads.models import Part, PendingRow, UploadDraft, UploadParts, UploadStatus

snapstart.imported_on_use("cgraph.core.credentials")

REFUSALS: dict[str, type[Refusal]] = {
    "storage_full": StorageFull,
    "too_many_uploads": TooManyUploads,
}


async def create_upload(tx: Transaction, *, caller: Caller, draft: UploadDraft) -> str:
    """Returns a NewUpload as JSON. Raises TypeNotSupported, FileTooLarge, StorageFull,
    TooManyUploads, StorageUnavailable.
    """
    quota = rules.quota_of(await queries.plan_of(tx, user_id=caller.id))
    _require_allowed(draft, quota)
    now, id = clock.now(), uuid7()
    key = storage.incoming_key(id)
    in_parts = draft.in_parts or draft.size > rules.PARTS_FROM
    multipart_id = storage.begin_parts(key, content_type=draft.content_type) if in_parts else None
    row = await queries.create_upload(
        tx, id=id, user_id=caller.id, draft=draft, quota=quota, multipart_id=multipart_id, now=now
    )
    if row.outcome != "created":  # the bucket forgets parts that nobody sends after a day
        raise REFUSALS[row.outcome]
    if multipart_id is None:
        return _form_json(row.json, id=id, draft=draft, now=now)
    parts = _missing_parts(id, multipart_id=multipart_id, size=draft.size, arrived={})
    return _new_upload_json(row.json, parts=parts, expires_at=_parts_expire_at(now))


def _require_allowed(draft: UploadDraft, quota: rules.Quota) -> None:
    if not rules.is_accepted(draft.content_type, purpose=draft.purpose):
        raise TypeNotSupported
    kind = rules.kind_of(draft.content_type)
    largest = rules.largest(quota, kind=kind, purpose=draft.purpose)
    if draft.size > largest:
        raise FileTooLarge(f"At most {largest} bytes")


def _form_json(upload: str, *, id: UUID, draft: UploadDraft, now: datetime) -> str:
    url, fields = presigned_form(
        bucket=settings().media_bucket,
        key=storage.incoming_key(id),
        content_type=draft.content_type,
        size=draft.size,
        checksum=draft.checksum,
        at=now,
        seconds=rules.URL_SECONDS,
    )
    expires_at = now + timedelta(seconds=rules.URL_SECONDS)
    return _new_upload_json(upload, url=url, fields=fields, expires_at=expires_at)


def _new_upload_json(
    upload: str,
    *,
    expires_at: datetime,
    url: str | None = None,
    fields: dict[str, str] | None = None,
    parts: list[Part] | None = None,
) -> str:
    rest = {
        "url": url,
        "fields": fields,
        "parts": None if parts is None else [part.model_dump() for part in parts],
        "expires_at": clock.rfc3339(expires_at),
    }
    return f'{{"upload":{upload},{encode_json(rest)[1:]}'


def _parts_expire_at(now: datetime) -> datetime:
    return now + timedelta(seconds=rules.PART_URL_SECONDS)


def _missing_parts(
    id: UUID, *, multipart_id: str, size: int, arrived: dict[int, tuple[str, int]]
) -> list[Part]:
    """All parts; those that have not arrived with a URL."""
    return [
        Part(
            number=number,
            size=part_size,
            url=None
            if _has_arrived(arrived, number, part_size)
            else storage.part_url(
                storage.incoming_key(id),
                multipart_id=multipart_id,
                number=number,
                size=part_size,
                seconds=rules.PART_URL_SECONDS,
            ),
        )
        for number, part_size in enumerate(rules.part_sizes(size), start=1)
    ]


def _has_arrived(arrived: dict[int, tuple[str, int]], number: int, size: int) -> bool:
    return number in arrived and arrived[number][1] == size


async def list_parts(tx: Transaction, *, caller: Caller, id: UUID) -> UploadParts:
    """Raises UploadNotFound, UploadNotPending, StorageUnavailable."""
    pending, multipart_id = await _pending(tx, caller=caller, id=id)
    arrived = _arrived(id, multipart_id)
    return UploadParts(
        parts=_missing_parts(id, multipart_id=multipart_id, size=pending.size, arrived=arrived),
        expires_at=_parts_expire_at(clock.now()),
    )


async def complete_upload(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """Puts the parts together, after which the file is processed like any other. Returns the
    OwnUpload as JSON. Raises UploadNotFound, UploadNotPending, PartsMissing, StorageUnavailable.
    """
    pending, multipart_id = await _pending(tx, caller=caller, id=id)
    arrived = _arrived(id, multipart_id)
    sizes = rules.part_sizes(pending.size)
    if not all(_has_arrived(arrived, number, size) for number, size in enumerate(sizes, start=1)):
        raise PartsMissing
    etags = [arrived[number][0] for number in range(1, len(sizes) + 1)]
    try:
        storage.complete_parts(storage.incoming_key(id), multipart_id=multipart_id, etags=etags)
    except storage.ObjectMissing:
        raise UploadNotPending from None
    return await show_own_upload(tx, caller=caller, id=id)


async def _pending(tx: Transaction, *, caller: Caller, id: UUID) -> tuple[PendingRow, str]:
    row = await queries.pending_upload(tx, id=id, user_id=caller.id)
    if row is None:
        raise UploadNotFound
    if row.multipart_id is None or row.status != UploadStatus.PENDING:
        raise UploadNotPending
    return row, row.multipart_id


def _arrived(id: UUID, multipart_id: str) -> dict[int, tuple[str, int]]:
    """Raises UploadNotPending: it was completed, or is too old."""
    try:
        return storage.arrived_parts(storage.incoming_key(id), multipart_id=multipart_id)
    except storage.ObjectMissing:
        raise UploadNotPending from None


async def show_upload(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """Returns an OwnUpload as JSON, with its URLs. Raises UploadNotFound."""
    row = await queries.visible_upload(tx, id=id, viewer=caller.id)
    if row is None:
        raise UploadNotFound
    return urls.fill(row.json)


async def show_own_upload(tx: Transaction, *, caller: Caller, id: UUID) -> str:
    """Raises UploadNotFound."""
    row = await queries.own_upload(tx, id=id, user_id=caller.id)
    if row is None:
        raise UploadNotFound
    return row.json


async def list_uploads(tx: Transaction, *, user_id: UserId, cursor: str | None, limit: int) -> str:
    """Returns a page of OwnUpload as JSON, newest first. Raises InvalidCursor."""
    scope = f"uploads:{user_id}"
    below = LAST_ID if cursor is None else decode_cursor(scope, cursor, UUID)[0]
    rows = await queries.list_uploads(tx, user_id=user_id, below=below, limit=limit + 1)
    return urls.fill(page_json(rows, limit=limit, scope=scope, position=lambda row: (row.id,)))


async def delete_upload(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises UploadNotFound, UploadInUse."""
    row = await queries.delete_upload(tx, id=id, user_id=caller.id, now=clock.now())
    if row is None:
        raise UploadNotFound
    if row.is_used:
        raise UploadInUse
    remove_objects_of(tx, [id])


def remove_objects_of(tx: Transaction, ids: list[UUID]) -> None:
    """After the commit, the worker removes the objects of these uploads, which are marked as
    deleted. If SQS is away, the sweeper does it.
    """
    for id in ids:
        tx.on_commit(_send_removals, id)


async def _send_removals(ids: list[UUID]) -> None:
    bodies = [encode_json({"remove": str(id)}) for id in ids]
    try:
        for start in range(0, len(bodies), queues.BATCH_MESSAGES):
            queues.send(settings().media_queue_url, bodies[start : start + queues.BATCH_MESSAGES])
    except queues.QueueUnavailable as error:
        logger.warning("removal_not_queued", extra={"reason": str(error)})
