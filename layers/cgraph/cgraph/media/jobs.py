"""Jobs of the media queue: S3 says what has come, functions say what is to be removed."""

from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Model
from cgraph.core.lease import Lease
from cgraph.core.log import logger
from cgraph.media import storage
from cgraph.media.removal import actions as removal


class MediaJob(Model):
    """`Records`: of an S3 notification. `remove`: an upload that is marked as deleted. With
    neither it is S3's test message, when a notification is set up.
    """

    records: list[dict[str, Any]] = Field(default_factory=list, alias="Records")
    remove: UUID | None = None


async def process_uploads(job: MediaJob, message: Lease) -> None:
    """Raises what makes SQS deliver the job again."""
    from cgraph.media.processing.actions import process_upload

    if job.remove is not None:
        await removal.remove_upload(job.remove)
    for record in job.records:
        stored = record["s3"]["object"]
        id = upload_of(unquote_plus(str(stored["key"])))
        if id is None:
            logger.warning("object_unknown", extra={"key": stored["key"]})
            continue
        await process_upload(id, version=stored.get("versionId"), message=message)


def upload_of(key: str) -> UUID | None:
    """The upload whose file came under this key."""
    folder, _, name = key.partition("/")
    if folder != storage.INCOMING:
        return None
    try:
        return UUID(name)
    except ValueError:
        return None
