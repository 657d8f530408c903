"""GET /forums/{slug}/requests"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members.requests import actions
from cgraph.forums.members.requests.models import MembershipRequest
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.FORUM_MODERATOR, limit=limits.READ)


@app.get("/forums/{slug}/requests", **json_page(MembershipRequest))
async def list_membership_requests(
    slug: ForumSlug, caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """List the requests to become a member of a forum

    Returns a page of open requests, the oldest first.
    """
    async with database.reading(caller) as tx:
        return await actions.list_membership_requests(
            tx, caller=caller, slug=slug, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
