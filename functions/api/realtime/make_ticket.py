"""POST /realtime/ticket"""

from cgraph.core import limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.realtime import actions
from cgraph.realtime.models import Ticket

app = new_app(policies.SIGNED_IN, limit=limits.SOCKET)


@app.post("/realtime/ticket", status_code=201)
async def make_ticket(caller: CurrentUser) -> Ticket:
    """Opens one socket, once, within 30 s: the access token is never in an address."""
    return await actions.make_ticket(caller)


handler = lambda_handler(app)
