"""POST /me/email/verification"""

from cgraph.accounts.addresses import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.OWN_ACCOUNT, limit=limits.WRITE)


@app.post("/me/email/verification", status_code=204)
async def send_verification(caller: CurrentUser) -> None:
    """Send the mail that verifies the caller's address

    It has a code of six digits for `POST /me/email/verify` and a link, both valid for 30 minutes.
    The code and the link of an earlier mail end. A new account gets such a mail by itself where
    addresses have to be verified.

    Limited: five mails at once, then one in ten minutes, for each account; each address gets no
    more than that either, and then nothing is sent. If another account has verified the address,
    its owner gets a mail that says so, and no code. Refused if the address is verified.
    """
    async with database.autocommit() as tx:
        await actions.send_verification(tx, caller=caller)


handler = lambda_handler(app)
