"""PUT /forums/{slug}/membership/request"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums.members.requests import actions
from cgraph.forums.members.requests.models import MembershipRequest, MembershipRequestDraft
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)
WITHOUT_MESSAGE = MembershipRequestDraft()


@app.put("/forums/{slug}/membership/request", **json_body(MembershipRequest))
async def request_membership(
    slug: ForumSlug, caller: CurrentUser, draft: MembershipRequestDraft = WITHOUT_MESSAGE
) -> str:
    """Ask to become a member of a forum

    Returns the request; an open one is returned as it is. The caller and the moderators get the
    event `request.created`. The forum must be restricted or private and have `join_requests`
    (`requests_not_accepted`; a private forum without it does not exist for the caller).

    Refused for members (`already_member`), for banned users (`not_allowed`; a private forum does
    not exist for them), if the caller or the owner has blocked the other (`blocked`), for 30 days
    after a request was refused and one day after it was withdrawn (`requested_recently`;
    `Retry-After` says when the caller may ask again).
    """
    async with database.transaction() as tx:
        return await actions.request_membership(tx, caller=caller, slug=slug, draft=draft)


handler = lambda_handler(app)
