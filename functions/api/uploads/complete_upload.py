"""POST /uploads/{id}/complete"""

from uuid import UUID

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.media.uploads import actions
from cgraph.media.uploads.models import OwnUpload

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/uploads/{id}/complete", **json_body(OwnUpload))
async def complete_upload(id: UUID, caller: CurrentUser) -> str:
    """Complete a large upload

    Puts its parts together; then it is processed. Refused while parts are missing
    (`parts_missing`), and if it is complete already (`upload_not_pending`).
    """
    async with database.autocommit() as tx:
        return await actions.complete_upload(tx, caller=caller, id=id)


handler = lambda_handler(app)
