"""DELETE /messages/{id}/pin"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.messages.models import Message
from cgraph.chat.messages.pins import actions
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.ADMIN_OR_DIRECT, limit=limits.WRITE)


@app.delete("/messages/{id}/pin")
async def unpin_message(id: UUID, caller: CurrentUser) -> Message:
    """Unpin a message

    Returns the message, which is no longer pinned. Members get `message.updated`. If it was not
    pinned, nothing changes.

    In a group owners and admins unpin messages, in a direct conversation both members, unless one
    of the two has blocked the other.
    """
    async with database.transaction() as tx:
        return await actions.unpin_message(tx, caller=caller, id=id)


handler = lambda_handler(app)
