"""DELETE /conversations/{id}/mute"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations.members import actions
from cgraph.chat.conversations.members.models import Muted
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.delete("/conversations/{id}/mute")
async def unmute_conversation(id: UUID, caller: CurrentUser) -> Muted:
    """Notifications of it again."""
    async with database.autocommit() as tx:
        return await actions.unmute_conversation(tx, caller=caller, conversation_id=id)


handler = lambda_handler(app)
