"""DELETE /conversations/{id}/mute"""

from uuid import UUID

from cgraph import database, limits, policies
from cgraph.http import CurrentUser, lambda_handler, new_app
from cgraph.members import actions
from cgraph.members.models import Muted

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.delete("/conversations/{id}/mute")
async def unmute_conversation(id: UUID, caller: CurrentUser) -> Muted:
    """Notifications of it again."""
    async with database.autocommit() as tx:
        return await actions.unmute_conversation(tx, caller=caller, conversation_id=id)


handler = lambda_handler(app)
