"""GET /conversations/{id}/pins"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.messages.models import Message
from cgraph.chat.messages.pins import actions
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_page, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/conversations/{id}/pins", **json_page(Message))
async def list_pins(id: UUID, caller: CurrentUser) -> str:
    """List the pinned messages of a conversation

    Returns all pinned messages that the caller may see, at most 50, last pinned first. `next` is
    always null.
    """
    async with database.reading(caller) as tx:
        return await actions.list_pins(tx, caller=caller, conversation_id=id)


handler = lambda_handler(app)
