"""DELETE /conversations/{id}/mute"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations.mutes import actions
from cgraph.chat.conversations.mutes.models import MuteState
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.delete("/conversations/{id}/mute")
async def unmute_conversation(id: UUID, caller: CurrentUser) -> MuteState:
    """Unmute a conversation

    The caller gets notifications of the conversation again. If it was muted, the caller's devices
    get `conversation.muted`.
    """
    async with database.autocommit() as tx:
        return await actions.unmute_conversation(tx, caller=caller, conversation_id=id)


handler = lambda_handler(app)
