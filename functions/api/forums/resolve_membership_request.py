"""POST /forums/{slug}/requests/{user_id}/resolve"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members.requests import actions
from cgraph.forums.members.requests.models import MembershipRequest, RequestResolution
from cgraph.forums.parameters import ForumSlug, UserId

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post("/forums/{slug}/requests/{user_id}/resolve", **json_body(MembershipRequest))
async def resolve_membership_request(
    slug: ForumSlug, user_id: UserId, resolution: RequestResolution, caller: CurrentUser
) -> str:
    """Accept or refuse a request to become a member

    Returns the request. An accepted user becomes a member. The user and the moderators get the
    event `request.resolved`. Refused if the user has no open request
    (`membership_request_not_found`), and accepting if the user is banned (`not_allowed`).
    """
    async with database.transaction() as tx:
        return await actions.resolve_membership_request(
            tx, caller=caller, slug=slug, user_id=user_id, resolution=resolution
        )


handler = lambda_handler(app)
