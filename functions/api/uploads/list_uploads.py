"""GET /uploads"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app
from cgraph.media.uploads import actions
from cgraph.media.uploads.models import OwnUpload

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/uploads", **json_page(OwnUpload))
async def list_uploads(
    caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """List the caller's uploads

    Newest first, also those that are pending or were refused.
    """
    async with database.reading(caller) as tx:
        return await actions.list_uploads(tx, user_id=caller.id, cursor=cursor, limit=limit)


handler = lambda_handler(app)
