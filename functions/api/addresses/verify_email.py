"""POST /me/email/verify"""

from cgraph.accounts.addresses import actions
from cgraph.accounts.addresses.models import EmailCode
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.OWN_ACCOUNT, limit=limits.WRITE)


@app.post("/me/email/verify", status_code=204)
async def verify_email(entry: EmailCode, caller: CurrentUser) -> None:
    """Verify the caller's address with the code of the mail

    After `POST /me/email` the code confirms the new address, which becomes the account's. The
    caller's devices get `user.updated`.

    Refused if the code is wrong or too old. After five wrong codes it is refused too, and a new
    mail is needed. Refused if another account has verified the address meanwhile.
    """
    async with database.autocommit() as tx:
        await actions.verify_email(tx, caller=caller, code=entry.code)


handler = lambda_handler(app)
