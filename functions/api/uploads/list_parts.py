"""POST /uploads/{id}/parts"""

from uuid import UUID

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.media.uploads import actions
from cgraph.media.uploads.models import UploadParts

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/uploads/{id}/parts")
async def list_parts(id: UUID, caller: CurrentUser) -> UploadParts:
    """List the parts of a large upload

    Says which parts have arrived, and signs new URLs for the others: to go on with an upload that
    was interrupted. Refused if it is complete, or was not begun in parts (`upload_not_pending`).
    """
    async with database.autocommit() as tx:
        return await actions.list_parts(tx, caller=caller, id=id)


handler = lambda_handler(app)
