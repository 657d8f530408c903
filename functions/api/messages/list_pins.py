"""GET /conversations/{id}/pins"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.messages.models import Message
from cgraph.chat.messages.pins import actions
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.core.pagination import Page

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/conversations/{id}/pins")
async def list_pins(id: UUID, caller: CurrentUser) -> Page[Message]:
    """The last pinned first, all on one page: there are at most 50."""
    async with database.reading() as tx:
        return await actions.list_pins(tx, caller=caller, conversation_id=id)


handler = lambda_handler(app)
