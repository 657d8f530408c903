"""GET /push/key"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.notifications.delivery.devices import actions
from cgraph.notifications.delivery.devices.models import PushKey

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/push/key")
async def show_push_key(caller: CurrentUser) -> PushKey:
    """Show the key for push subscriptions

    Returns the `applicationServerKey` with which a browser subscribes to push messages (VAPID,
    RFC 8292). It stays the same.

    Refused if this installation sends no Web Push.
    """
    async with database.autocommit() as tx:
        return await actions.show_push_key(tx)


handler = lambda_handler(app)
