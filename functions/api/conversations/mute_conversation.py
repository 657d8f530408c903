"""PUT /conversations/{id}/mute"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations.members import actions
from cgraph.chat.conversations.members.models import Mute, Muted
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.WRITE)
FOR_EVER = Mute()


@app.put("/conversations/{id}/mute")
async def mute_conversation(id: UUID, caller: CurrentUser, mute: Mute = FOR_EVER) -> Muted:
    """No notifications of it, until then or for ever."""
    async with database.autocommit() as tx:
        return await actions.mute_conversation(tx, caller=caller, conversation_id=id, mute=mute)


handler = lambda_handler(app)
