"""POST /mail/unsubscribe"""

from fastapi.responses import HTMLResponse

from cgraph.core import database, limits, policies
from cgraph.core.http import lambda_handler, new_app
from cgraph.notifications.delivery.mail import actions
from cgraph.notifications.delivery.mail.parameters import LinkToken

app = new_app(policies.ANYONE, limit=limits.ANONYMOUS)


@app.post("/mail/unsubscribe", response_class=HTMLResponse)
async def unsubscribe_mail(token: LinkToken) -> str:
    """End notifications by mail

    What the button of a mail program calls (`List-Unsubscribe-Post`, RFC 8058): the account of the
    link gets no more notifications by mail, also none that are due already. Without a log-in; the
    body is not read. Repeating it changes nothing. Returns a page that says so.

    Refused if the link was not in a mail of this installation.
    """
    async with database.autocommit() as tx:
        return await actions.unsubscribe_mail(tx, token=token)


handler = lambda_handler(app)
