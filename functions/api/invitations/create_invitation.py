"""POST /me/invitations"""

from cgraph.accounts.invitations import actions
from cgraph.accounts.invitations.models import InvitationDraft, NewInvitation
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/me/invitations", status_code=201)
async def create_invitation(draft: InvitationDraft, caller: CurrentUser) -> NewInvitation:
    """Invite somebody to register

    Returns an invitation that admits one new account within 14 days: it goes into the field
    `invitation` of `POST /auth/register`. It is shown only once.

    Refused if the caller has ten open invitations: revoke one, or wait until one was used.
    """
    async with database.autocommit() as tx:
        return await actions.create_invitation(tx, caller=caller, draft=draft)


handler = lambda_handler(app)
