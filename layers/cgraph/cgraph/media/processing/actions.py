"""From a file that has come to an upload that is ready, or refused."""

import base64
import hashlib
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cgraph.core import clock, database
from cgraph.core.lease import Lease
from cgraph.core.log import logger
from cgraph.media import storage
from cgraph.media.headers import object_headers
from cgraph.media.processing import queries
from cgraph.media.processing.claims import DURATION, Claim, UploadClaimed
from cgraph.media.processing.files import import_libraries, process_file
from cgraph.media.processing.isolation import start_isolated
from cgraph.media.processing.models import UploadRow
from cgraph.media.processing.refusal import FileRefused
from cgraph.media.processing.results import Processed
from cgraph.media.processing.scanner import require_clean
from cgraph.realtime.announcements import announce_logged


async def process_upload(id: UUID, *, version: str | None, message: Lease) -> None:
    """`version`: of the object in the bucket. A file may be announced twice, and a worker may end
    at any point: what was done is done again, with the same result. Raises what makes SQS deliver
    the job again: StorageUnavailable, DatabaseUnavailable, ScannerUnavailable, UploadClaimed.
    """
    message.renew()
    key, claim = storage.incoming_key(id), Claim(uuid4(), id, message)
    upload = await _begin(claim)
    if upload is not None:
        try:
            with tempfile.TemporaryDirectory(prefix="upload-") as folder:
                await _process(upload, claim, key=key, version=version, folder=Path(folder))
        except BaseException:
            await claim.release()
            raise
    storage.erase(key)


async def _begin(claim: Claim) -> UploadRow | None:
    """None if there is nothing to do. Raises UploadClaimed."""
    now = clock.now()
    async with database.autocommit() as tx:
        upload = await queries.begin_processing(
            tx, id=claim.upload_id, claim=claim.id, now=now, until=now + DURATION
        )
        if upload is None and await queries.is_claimed(tx, id=claim.upload_id, now=now):
            raise UploadClaimed
    return upload


async def _process(
    upload: UploadRow, claim: Claim, *, key: str, version: str | None, folder: Path
) -> None:
    try:
        await claim.run(partial(_fetch, upload, key=key, version=version, to=folder / "incoming"))
        import_libraries()
        processed = await claim.run(start_isolated(partial(_process_file, upload, folder)))
    except FileRefused as refusal:
        await _refuse(upload, reason=refusal.reason)
        return
    await claim.run(partial(_store, upload, processed))
    await _finish(upload, processed)


def _fetch(upload: UploadRow, *, key: str, version: str | None, to: Path) -> None:
    """Raises FileRefused."""
    storage.download(key, version=version, to=to)
    _require_announced(to, upload)
    require_clean(key, version=version)


def _process_file(upload: UploadRow, folder: Path) -> Processed:
    """Raises FileRefused."""
    results = folder / "results"
    results.mkdir()
    return process_file(
        folder / "incoming",
        claimed=upload.content_type,
        purpose=upload.purpose,
        waveform=upload.waveform,
        into=results,
    )


def _store(upload: UploadRow, processed: Processed) -> None:
    for stored in processed.files:
        storage.store_file(
            storage.object_key(upload.id, stored.name, public=upload.purpose.is_public),
            stored.path,
            headers=object_headers(
                filename=upload.filename,
                content_type=stored.content_type,
                is_shown=processed.kind != "file",
                is_public=upload.purpose.is_public,
            ),
        )


def _require_announced(file: Path, upload: UploadRow) -> None:
    """Raises FileRefused: S3 checks size and checksum of a form, but not of parts."""
    if file.stat().st_size != upload.size:
        raise FileRefused("content_mismatch")
    if upload.checksum is not None:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").digest()
        if base64.b64encode(digest).decode() != upload.checksum:
            raise FileRefused("content_mismatch")


async def _finish(upload: UploadRow, processed: Processed) -> None:
    now = clock.now()
    async with database.autocommit() as tx:
        row = await queries.finish_upload(tx, id=upload.id, processed=processed, now=now)
        _announce(tx, upload, row.event, now)
    if row.outcome == "gone":
        for prefix in (f"media/{upload.id}/", f"public/{upload.id}/"):
            storage.erase(prefix)
    logger.info("upload_processed", extra={"upload_id": str(upload.id), "outcome": row.outcome})


async def _refuse(upload: UploadRow, *, reason: str) -> None:
    now = clock.now()
    async with database.autocommit() as tx:
        row = await queries.refuse_upload(tx, id=upload.id, reason=reason, now=now)
        _announce(tx, upload, row.event, now)
    logger.info("upload_refused", extra={"upload_id": str(upload.id), "reason": reason})


def _announce(tx: Any, upload: UploadRow, event: Mapping[str, Any] | None, now: Any) -> None:
    if event is not None:
        announce_logged(tx, [event], audience=[upload.user_id], now=now)
