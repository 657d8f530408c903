"""DELETE /me/devices/{id}"""

from uuid import UUID

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.notifications.delivery.devices import actions

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.delete("/me/devices/{id}", status_code=204)
async def remove_device(id: UUID, caller: CurrentUser) -> None:
    """Remove a device

    It gets no more push messages. A device of another user is not found.
    """
    async with database.autocommit() as tx:
        await actions.remove_device(tx, caller=caller, id=id)


handler = lambda_handler(app)
