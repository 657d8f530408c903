"""GET /auth/email/confirm"""

from fastapi.responses import HTMLResponse

from cgraph.accounts.addresses import actions
from cgraph.accounts.addresses.parameters import MailToken
from cgraph.core import database, limits, policies
from cgraph.core.http import lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.get("/auth/email/confirm", response_class=HTMLResponse)
async def show_email_page(token: MailToken) -> str:
    """Show the page that confirms an e-mail address

    What the link in a mail opens: a page that names the account and the address, with one button.
    Opening it changes nothing, because programs that check links open them too.

    Refused if the link was used, or is too old.
    """
    async with database.reading() as tx:
        return await actions.show_email_page(tx, token=token)


handler = lambda_handler(app)
