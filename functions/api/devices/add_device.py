"""POST /me/devices"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.notifications.delivery.devices import actions
from cgraph.notifications.delivery.devices.models import Device, DeviceDraft

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/me/devices", status_code=201)
async def add_device(draft: DeviceDraft, caller: CurrentUser) -> Device:
    """Add a device for push messages

    Registers a browser's push subscription: ringing notifications of the caller that nobody has
    read for some seconds are sent to it, encrypted, without the text of what they are about. It
    gets them while the session of the request lives.

    An endpoint that is registered again keeps its id and belongs to the session that registered it
    last. Of more than 20 devices of a user the oldest are removed.

    Refused if this installation sends no push messages to that platform.
    """
    async with database.autocommit() as tx:
        return await actions.add_device(tx, caller=caller, draft=draft)


handler = lambda_handler(app)
