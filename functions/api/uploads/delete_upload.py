"""DELETE /uploads/{id}"""

from uuid import UUID

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.media.uploads import actions

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.delete("/uploads/{id}", status_code=204)
async def delete_upload(id: UUID, caller: CurrentUser) -> None:
    """Delete an upload

    Its files are removed within a minute. Refused while something uses it (`upload_in_use`).
    """
    async with database.autocommit() as tx:
        await actions.delete_upload(tx, caller=caller, id=id)


handler = lambda_handler(app)
