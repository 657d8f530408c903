"""GET /messages/{id}"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.messages import actions
from cgraph.chat.messages.models import Message
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/messages/{id}")
async def show_message(id: UUID, caller: CurrentUser) -> Message:
    """Show a message

    Returns the message as it reads now; a deleted message is returned as its tombstone.
    """
    async with database.reading(caller) as tx:
        return await actions.show_message(tx, caller=caller, id=id)


handler = lambda_handler(app)
