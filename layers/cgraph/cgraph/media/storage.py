"""The bucket of the files: `incoming/<id>` as they come, then `media/<id>/` or `public/<id>/`.

boto3 is imported on first use: the routes that most requests go to need none of it.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from cgraph.core import metrics, snapstart
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.media.errors import StorageUnavailable

snapstart.imported_on_use("boto3")

TIMEOUT_SECONDS = 5
BLOCK_BYTES = 1024 * 1024
LONG_TIMEOUT_SECONDS = 60
"""Of one read of a body: the worker moves large files."""
MISSING = frozenset(("404", "NoSuchKey", "NoSuchUpload", "NoSuchVersion", "NotFound"))


class ObjectMissing(Exception):
    """There is no such object (any more)."""


INCOMING = "incoming"


def incoming_key(id: UUID) -> str:
    return f"{INCOMING}/{id}"


def object_key(id: UUID, name: str, *, public: bool) -> str:
    return f"{'public' if public else 'media'}/{id}/{name}"


@lru_cache(maxsize=1)
def _client() -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        config=Config(
            connect_timeout=TIMEOUT_SECONDS,
            read_timeout=LONG_TIMEOUT_SECONDS,
            retries={"total_max_attempts": 3, "mode": "standard"},
            signature_version="s3v4",  # or URLs for parts are signed in the old way
        ),
    )


def reset() -> None:
    _client.cache_clear()


@contextmanager
def _answering() -> Iterator[None]:
    """Raises ObjectMissing, StorageUnavailable."""
    from botocore.exceptions import BotoCoreError, ClientError

    metrics.round_trip("s3")
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            raise ObjectMissing(str(error)) from None
        raise _unavailable(error) from error
    except BotoCoreError as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> StorageUnavailable:
    """What S3 said is for the log: it names the bucket and the key."""
    logger.warning("storage_unavailable", extra={"reason": str(error)})
    return StorageUnavailable()


def begin_parts(key: str, *, content_type: str) -> str:
    """The id of a multipart upload."""
    with _answering():
        answer = _client().create_multipart_upload(
            Bucket=settings().media_bucket, Key=key, ContentType=content_type
        )
    return str(answer["UploadId"])


def part_url(key: str, *, multipart_id: str, number: int, size: int, seconds: int) -> str:
    """Where a client puts this part, which must have this size. No request is made."""
    return str(
        _client().generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": settings().media_bucket,
                "Key": key,
                "UploadId": multipart_id,
                "PartNumber": number,
                "ContentLength": size,
            },
            ExpiresIn=seconds,
        )
    )


def arrived_parts(key: str, *, multipart_id: str) -> dict[int, tuple[str, int]]:
    """By number: the ETag and the size. Raises ObjectMissing if it was completed or aborted."""
    parts: dict[int, tuple[str, int]] = {}
    with _answering():
        pages = _client().get_paginator("list_parts")
        for page in pages.paginate(Bucket=settings().media_bucket, Key=key, UploadId=multipart_id):
            for part in page.get("Parts", ()):
                parts[int(part["PartNumber"])] = (part["ETag"], int(part["Size"]))
    return parts


def complete_parts(key: str, *, multipart_id: str, etags: Sequence[str]) -> None:
    """Raises ObjectMissing if it was completed or aborted before."""
    with _answering():
        _client().complete_multipart_upload(
            Bucket=settings().media_bucket,
            Key=key,
            UploadId=multipart_id,
            MultipartUpload={
                "Parts": [
                    {"PartNumber": number, "ETag": etag}
                    for number, etag in enumerate(etags, start=1)
                ]
            },
        )


def abort_parts(key: str, *, multipart_id: str) -> None:
    try:
        with _answering():
            _client().abort_multipart_upload(
                Bucket=settings().media_bucket, Key=key, UploadId=multipart_id
            )
    except ObjectMissing:
        return


def download(key: str, *, version: str | None, to: Path) -> None:
    """Raises ObjectMissing."""
    options = {"VersionId": version} if version else {}
    with _answering(), to.open("wb") as file:
        answer = _client().get_object(Bucket=settings().media_bucket, Key=key, **options)
        shutil.copyfileobj(answer["Body"], file, BLOCK_BYTES)


def store_file(key: str, file: Path, *, headers: Mapping[str, str]) -> None:
    with _answering():
        _client().upload_file(str(file), settings().media_bucket, key, ExtraArgs=dict(headers))


def store_picture(key: str, content: bytes, *, headers: Mapping[str, str]) -> None:
    """A public object, from memory."""
    with _answering():
        _client().put_object(Bucket=settings().media_bucket, Key=key, Body=content, **dict(headers))


def erase(prefix: str) -> int:
    """Deletes all objects below a prefix, with all their versions. Returns how many."""
    count = 0
    with _answering():
        pages = _client().get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=settings().media_bucket, Prefix=prefix):
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            count += len(found)
            for start in range(0, len(found), 1000):
                _delete(found[start : start + 1000])
    return count


def _delete(versions: Sequence[dict[str, Any]]) -> None:
    """Raises StorageUnavailable where some stay."""
    answer = _client().delete_objects(
        Bucket=settings().media_bucket,
        Delete={
            "Objects": [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions],
            "Quiet": True,
        },
    )
    if answer.get("Errors"):
        raise StorageUnavailable(str(answer["Errors"][:3]))
