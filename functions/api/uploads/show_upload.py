"""GET /uploads/{id}"""

from uuid import UUID

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.media.uploads import actions
from cgraph.media.uploads.models import OwnUpload

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/uploads/{id}", **json_body(OwnUpload))
async def show_upload(id: UUID, caller: CurrentUser) -> str:
    """Show an upload

    Its owner sees how far it is, and why it was refused. Others see it when it is ready and they
    may see something that uses it. Its URLs live for a few minutes and are null before it is ready.
    """
    async with database.reading(caller) as tx:
        return await actions.show_upload(tx, caller=caller, id=id)


handler = lambda_handler(app)
