"""GET /auth/password/reset"""

from fastapi.responses import HTMLResponse

from cgraph.accounts.addresses.parameters import MailToken
from cgraph.accounts.recovery import actions
from cgraph.core import database, limits, policies
from cgraph.core.http import lambda_handler, new_app

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.get("/auth/password/reset", response_class=HTMLResponse)
async def show_reset_page(token: MailToken) -> str:
    """Show the page on which a new password is chosen

    What the link in a mail opens. It sends the new password to `POST /auth/password/reset`.

    Refused if the link was used, or is too old.
    """
    async with database.reading() as tx:
        return await actions.show_reset_page(tx, token=token)


handler = lambda_handler(app)
