"""The pictures of pages, as public objects: see docs/decisions/0180-pictures-of-previews.md."""

import base64
import hashlib
from uuid import UUID, uuid4

from cgraph.core import clock, database
from cgraph.core.log import logger
from cgraph.media import storage
from cgraph.media.headers import object_headers
from cgraph.media.previews.models import PICTURE_BYTES, FetchedPicture, FetchResult
from cgraph.previews import queries

NAME = "picture.webp"
CONTENT_TYPE = "image/webp"


async def store_picture(result: FetchResult) -> UUID | None:
    """The id of the upload with the picture of the page, None without one. A file that is stored
    without being used is swept after a day. Raises StorageUnavailable, DatabaseUnavailable.
    """
    if result.picture is None:
        return None
    content = decoded(result.picture)
    if content is None:
        logger.warning("preview_picture_refused", extra={"preview": str(result.id)})
        return None
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    async with database.autocommit() as tx:
        known = await queries.same_picture(tx, preview=result.id, digest=digest)
    return known or await _store(result.picture, content, digest=digest)


def decoded(picture: FetchedPicture) -> bytes | None:
    """None where it is no small WebP: what reads hostile files is not trusted."""
    try:
        content = base64.b64decode(picture.data, validate=True)
    except ValueError:
        return None
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return content if is_webp and len(content) <= PICTURE_BYTES else None


async def _store(picture: FetchedPicture, content: bytes, *, digest: str) -> UUID:
    """The id is random: nobody can make it of a link, to learn who has shared that."""
    id = uuid4()
    async with database.autocommit() as tx:
        await queries.begin_picture(
            tx, id=id, size=len(content), digest=digest, picture=picture, now=clock.now()
        )
    headers = object_headers(
        filename=NAME, content_type=CONTENT_TYPE, is_shown=True, is_public=True
    )
    storage.store_picture(storage.object_key(id, NAME, public=True), content, headers=headers)
    async with database.autocommit() as tx:
        await queries.finish_picture(tx, id=id, name=NAME, now=clock.now())
    return id
