"""DELETE /forums/{slug}/membership/request"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums.members.requests import actions
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.delete("/forums/{slug}/membership/request", status_code=204)
async def withdraw_membership_request(slug: ForumSlug, caller: CurrentUser) -> None:
    """Withdraw a request to become a member

    The caller and the moderators get the event `request.withdrawn`. The caller may ask again after
    a day. Refused without an open request (`not_requested`).
    """
    async with database.transaction() as tx:
        await actions.withdraw_membership_request(tx, caller=caller, slug=slug)


handler = lambda_handler(app)
