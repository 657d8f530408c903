from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.media.pictures.models import TakenRow
from cgraph.media.uploads.models import Purpose


async def take_picture(
    tx: Transaction, *, owner_id: UUID, upload_id: UUID, purpose: Purpose
) -> TakenRow:
    row = await tx.fetch_one(
        TakenRow,
        "SELECT refusal, picture FROM take_picture(%(owner_id)s, %(upload_id)s, %(purpose)s)",
        {"owner_id": owner_id, "upload_id": upload_id, "purpose": purpose.value},
    )
    assert row is not None, "the function returns one row"
    return row
