"""GET /messages/{id}"""

from uuid import UUID

from cgraph import database, limits, policies
from cgraph.http import CurrentUser, lambda_handler, new_app
from cgraph.messages import actions
from cgraph.messages.models import Message

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/messages/{id}")
async def show_message(id: UUID, caller: CurrentUser) -> Message:
    """One message, as it reads now."""
    async with database.reading() as tx:
        return await actions.show_message(tx, caller=caller, id=id)


handler = lambda_handler(app)
