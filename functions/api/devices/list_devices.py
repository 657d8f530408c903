"""GET /me/devices"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_page, lambda_handler, new_app
from cgraph.notifications.delivery.devices import actions
from cgraph.notifications.delivery.devices.models import Device

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/me/devices", **json_page(Device))
async def list_devices(caller: CurrentUser) -> str:
    """List the devices that get push messages

    Returns all devices of the caller whose session lives, at most 20, newest first. `next` is
    always null.
    """
    async with database.reading(caller) as tx:
        return await actions.list_devices(tx, caller=caller)


handler = lambda_handler(app)
