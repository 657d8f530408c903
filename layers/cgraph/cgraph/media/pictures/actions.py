"""Uploads that become pictures of something."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.media.pictures import queries
from cgraph.media.pictures.models import Picture
from cgraph.media.uploads.models import Purpose
from cgraph.media.uses.rules import REFUSALS


async def take_picture(
    tx: Transaction, *, owner_id: UUID, upload_id: UUID, purpose: Purpose
) -> Picture:
    """The picture of an upload of the owner. The upload is locked until the transaction ends, in
    which it is to be written where it belongs. Raises UploadNotFound, UploadNotReady.
    """
    row = await queries.take_picture(tx, owner_id=owner_id, upload_id=upload_id, purpose=purpose)
    if row.refusal is not None:
        raise REFUSALS[row.refusal]
    return Picture.model_validate(row.picture)
