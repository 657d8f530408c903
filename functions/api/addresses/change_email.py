"""POST /me/email"""

from cgraph.accounts.addresses import actions
from cgraph.accounts.addresses.models import EmailChange
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.OWN_ACCOUNT, limit=limits.WRITE)


@app.post("/me/email", status_code=204)
async def change_email(change: EmailChange, caller: CurrentUser) -> None:
    """Change the caller's e-mail address

    The new address gets a mail with a code for `POST /me/email/verify` and a link, both valid for
    30 minutes; the current one stays until one of them was used. A verified current address gets a
    mail now, and one after the change: its link brings the address back for seven days, ends all
    sessions and has the password reset.

    The answer says nothing about the new address: if another account has verified it, its owner
    gets a mail that says so. Refused if the password is wrong, which is limited as for `POST
    /auth/password`, and if the account has verified this address.
    """
    async with database.autocommit() as tx:
        await actions.change_email(tx, caller=caller, change=change)


handler = lambda_handler(app)
