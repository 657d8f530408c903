"""PUT /messages/{id}/pin"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.messages.models import Message
from cgraph.chat.messages.pins import actions
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.ADMIN_OR_DIRECT, limit=limits.WRITE)


@app.put("/messages/{id}/pin")
async def pin_message(id: UUID, caller: CurrentUser) -> Message:
    """Pin a message

    Returns the message. Members get `message.updated`. Pinning a pinned message changes nothing.

    In a group owners and admins pin messages, in a direct conversation both members. Refused if the
    message is deleted, if the conversation has 50 pins, and in a direct conversation if one of the
    two has blocked the other.
    """
    async with database.transaction() as tx:
        return await actions.pin_message(tx, caller=caller, id=id)


handler = lambda_handler(app)
