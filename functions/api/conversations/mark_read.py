"""PUT /conversations/{id}/read"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations import actions
from cgraph.chat.conversations.models import Marked, ReadMarker
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.put("/conversations/{id}/read")
async def mark_read(id: UUID, marker: ReadMarker, caller: CurrentUser) -> Marked:
    """Moves one's marker forward, never back."""
    async with database.autocommit() as tx:
        return await actions.mark_read(tx, caller=caller, id=id, marker=marker)


handler = lambda_handler(app)
