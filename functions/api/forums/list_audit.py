"""GET /forums/{slug}/audit"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.audit import actions
from cgraph.forums.audit.models import AuditEntry
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.FORUM_MODERATOR, limit=limits.READ)


@app.get("/forums/{slug}/audit", **json_page(AuditEntry))
async def list_audit(
    slug: ForumSlug, caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """List the audit log of a forum

    Returns a page of what moderators and filters did, the newest entry first. Only the owner
    and moderators may read it. Entries are never changed or deleted.
    """
    async with database.reading(caller) as tx:
        return await actions.list_audit(tx, caller=caller, slug=slug, cursor=cursor, limit=limit)


handler = lambda_handler(app)
