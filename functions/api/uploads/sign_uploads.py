"""POST /uploads/urls"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.media.uploads.links import actions
from cgraph.media.uploads.links.models import UploadUrls, UploadUrlsRequest

app = new_app(policies.READER, limit=limits.READ, scope="uploads:read")


@app.post("/uploads/urls", **json_body(UploadUrls))
async def sign_uploads(request: UploadUrlsRequest, caller: CurrentUser) -> str:
    """Get the URLs of uploads

    For uploads that the caller knows from an event, or whose URLs have ended: they live for a few
    minutes. What the caller may not see, and what is not ready, is left out. A URL opens the file
    until it ends, without a session.
    """
    async with database.reading() as tx:
        return await actions.sign_uploads(tx, caller=caller, request=request)


handler = lambda_handler(app)
