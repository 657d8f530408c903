"""URLs of uploads that a client knows from an event, or whose URLs have ended."""

import json
from datetime import UTC, datetime

from cgraph.core.caller import Caller
from cgraph.core.clock import rfc3339
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.media import urls
from cgraph.media.errors import MediaUnavailable
from cgraph.media.signing_key import SigningKeyUnavailable, is_configured
from cgraph.media.uploads.links import queries
from cgraph.media.uploads.links.models import UploadUrlsRequest


async def sign_uploads(tx: Transaction, *, caller: Caller, request: UploadUrlsRequest) -> str:
    """Returns UploadUrls as JSON. Raises MediaUnavailable."""
    if not is_configured():
        raise MediaUnavailable
    end = urls.expires_at()  # before they are signed: they never end earlier than it says
    rows = await queries.visible_uploads(tx, viewer=caller.id, ids=request.uploads)
    items = [json.loads(row.json) for row in rows]
    try:
        urls.fill_value(items)
    except SigningKeyUnavailable:
        raise MediaUnavailable from None
    expires_at = rfc3339(datetime.fromtimestamp(end, UTC))
    return encode_json({"items": items, "expires_at": expires_at})
