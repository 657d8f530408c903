"""GET /mail/unsubscribe"""

from fastapi.responses import HTMLResponse

from cgraph.core import database, limits, policies
from cgraph.core.http import lambda_handler, new_app
from cgraph.notifications.delivery.mail import actions
from cgraph.notifications.delivery.mail.parameters import LinkToken

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.get("/mail/unsubscribe", response_class=HTMLResponse)
async def show_unsubscribe_page(token: LinkToken) -> str:
    """Show the page that ends notifications by mail

    What the link in a mail opens: a page with one button. Opening it changes nothing, because
    programs that check links open them too.

    Refused if the link was not in a mail of this installation.
    """
    async with database.autocommit() as tx:
        return await actions.show_unsubscribe_page(tx, token=token)


handler = lambda_handler(app)
