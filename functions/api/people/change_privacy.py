"""PATCH /me/privacy"""

from cgraph.accounts.people.privacy import actions
from cgraph.accounts.people.privacy.models import Privacy, PrivacyChange
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE, scope="profile:write")


@app.patch("/me/privacy")
async def change_privacy(change: PrivacyChange, caller: CurrentUser) -> Privacy:
    """Change what the caller lets others do

    A direct conversation that exists goes on, and groups that the caller is in stay. Others are
    refused with `not_reachable`. Without receipts, nobody sees how far the caller has read.
    """
    async with database.autocommit() as tx:
        return await actions.change_privacy(tx, caller=caller.id, change=change)


handler = lambda_handler(app)
