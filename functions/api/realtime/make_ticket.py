"""POST /realtime/ticket"""

from cgraph.core import limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.realtime import actions
from cgraph.realtime.models import Ticket

app = new_app(policies.READER, limit=limits.SOCKET, scope="events:read")


@app.post("/realtime/ticket", status_code=201)
async def make_ticket(caller: CurrentUser) -> Ticket:
    """Create a ticket for a socket

    The ticket opens one WebSocket, once, within `expires_in` seconds. Connect to `url`, which
    contains it; an access token is never part of an address. The socket belongs to the caller's
    session and is closed when the session ends.
    """
    return await actions.make_ticket(caller)


handler = lambda_handler(app)
