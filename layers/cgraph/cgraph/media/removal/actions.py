"""Removes the objects of uploads, and then their rows."""

import time
from datetime import timedelta
from uuid import UUID

from cgraph.core import clock, database
from cgraph.core.log import logger
from cgraph.media import storage
from cgraph.media.removal import queries
from cgraph.media.removal.models import RemovedRow

UNNEEDED_AFTER = timedelta(days=1)
QUEUE_TIME = timedelta(minutes=5)
"""What the queue has not removed by then, the sweeper removes."""
SWEEP_SECONDS = 200
BATCH = 100


async def remove_upload(id: UUID) -> None:
    """Does nothing if it is not marked as deleted, or was removed before. Raises
    StorageUnavailable, DatabaseUnavailable.
    """
    async with database.autocommit() as tx:
        row = await queries.deleted_upload(tx, id=id)
    if row is not None:
        await _remove(row)


async def sweep_uploads() -> None:
    """As many as fit into one run; the next one goes on."""
    started, count = time.monotonic(), 0
    now = clock.now()
    async with database.autocommit() as tx:
        await queries.mark_unneeded(tx, now=now, before=now - UNNEEDED_AFTER)
    while time.monotonic() - started < SWEEP_SECONDS:
        async with database.autocommit() as tx:
            rows = await queries.deleted_uploads(tx, before=now - QUEUE_TIME, limit=BATCH)
        for row in rows:
            await _remove(row)
        count += len(rows)
        if len(rows) < BATCH:
            break
    logger.info("uploads_swept", extra={"count": count})


async def _remove(row: RemovedRow) -> None:
    """The row is deleted last: as long as it is there, somebody comes back for the objects."""
    incoming = storage.incoming_key(row.id)
    if row.multipart_id is not None:
        storage.abort_parts(incoming, multipart_id=row.multipart_id)
    for prefix in (incoming, f"media/{row.id}/", f"public/{row.id}/"):
        storage.erase(prefix)
    async with database.autocommit() as tx:
        await queries.forget_upload(tx, id=row.id)
