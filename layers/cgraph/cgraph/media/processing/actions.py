"""From a file that has come to an upload that is ready, or refused."""

import base64
import hashlib
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from cgraph.core import clock, database
from cgraph.core.log import logger
from cgraph.media import storage
from cgraph.media.headers import object_headers
from cgraph.media.processing import queries
from cgraph.media.processing.files import import_libraries, process_file
from cgraph.media.processing.isolation import run_isolated
from cgraph.media.processing.models import UploadRow
from cgraph.media.processing.refusal import FileRefused
from cgraph.media.processing.results import Processed
from cgraph.media.processing.scanner import require_clean
from cgraph.realtime.announcements import announce_logged


async def process_upload(id: UUID, *, version: str | None) -> None:
    """`version`: of the object in the bucket. A file may be announced twice, and a worker may end
    at any point: what was done is done again, with the same result. Raises what makes SQS deliver
    the job again: StorageUnavailable, DatabaseUnavailable, ScannerUnavailable.
    """
    key = storage.incoming_key(id)
    async with database.autocommit() as tx:
        upload = await queries.begin_processing(tx, id=id)
    if upload is not None:
        with tempfile.TemporaryDirectory(prefix="upload-") as folder:
            await _process(upload, key=key, version=version, folder=Path(folder))
    storage.erase(key)


async def _process(upload: UploadRow, *, key: str, version: str | None, folder: Path) -> None:
    file, results = folder / "incoming", folder / "results"
    results.mkdir()
    try:
        storage.download(key, version=version, to=file)
        _require_announced(file, upload)
        require_clean(key, version=version)
        import_libraries()
        processed = run_isolated(
            partial(
                process_file,
                file,
                claimed=upload.content_type,
                purpose=upload.purpose,
                waveform=upload.waveform,
                into=results,
            )
        )
    except FileRefused as refusal:
        await _refuse(upload, reason=refusal.reason)
        return
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
    await _finish(upload, processed)


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
