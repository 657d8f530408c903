"""GET /forums/{slug}/audit"""

from cgraph.core import database, limits
from cgraph.core.http import (
    CurrentUser,
    PageCursor,
    PageLimit,
    RawJSONResponse,
    lambda_handler,
    new_app,
)
from cgraph.core.pagination import Page
from cgraph.forums import policies
from cgraph.forums.audit import actions
from cgraph.forums.audit.models import AuditEntry

app = new_app(policies.FORUM_MODERATOR, limit=limits.READ)


@app.get(
    "/forums/{slug}/audit",
    response_class=RawJSONResponse,
    response_model=None,
    responses={200: {"model": Page[AuditEntry]}},
)
async def list_audit(
    slug: str, caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """What the moderators did, the latest first."""
    async with database.reading() as tx:
        return await actions.list_audit(tx, caller=caller, slug=slug, cursor=cursor, limit=limit)


handler = lambda_handler(app)
