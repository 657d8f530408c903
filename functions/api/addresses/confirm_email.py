"""POST /auth/email/confirm"""

from fastapi.responses import HTMLResponse

from cgraph.accounts.addresses import actions
from cgraph.accounts.addresses.parameters import MailToken
from cgraph.core import database, limits, policies
from cgraph.core.http import lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.post("/auth/email/confirm", response_class=HTMLResponse)
async def confirm_email(token: MailToken) -> str:
    """Confirm an e-mail address with the link of the mail

    By what the mail was for, it verifies the address of an account, makes a new address the
    account's, or brings the address before that back: then all sessions end, the password is no
    longer valid, a second factor that was added since is removed, and a mail with a link for a new
    password goes out. Without a log-in; the body is not read. Returns a page that says what has
    happened. The devices of the user get `user.updated`.

    Refused if the link was used, or is too old, and if another account has verified the address.
    """
    async with database.autocommit() as tx:
        return await actions.confirm_email(tx, token=token)


handler = lambda_handler(app)
