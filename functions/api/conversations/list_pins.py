"""GET /conversations/{id}/pins"""

from uuid import UUID

from cgraph import database, limits, policies
from cgraph.fields import Page
from cgraph.http import CurrentUser, lambda_handler, new_app
from cgraph.messages.models import Message
from cgraph.pins import actions

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/conversations/{id}/pins")
async def list_pins(id: UUID, caller: CurrentUser) -> Page[Message]:
    """The last pinned first, all on one page: there are at most 50."""
    async with database.reading() as tx:
        return await actions.list_pins(tx, caller=caller, conversation_id=id)


handler = lambda_handler(app)
