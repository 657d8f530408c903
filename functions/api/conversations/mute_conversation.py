"""PUT /conversations/{id}/mute"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.conversations.mutes import actions
from cgraph.chat.conversations.mutes.models import MuteRequest, MuteState
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.WRITE)
UNTIL_UNMUTED = MuteRequest()


@app.put("/conversations/{id}/mute")
async def mute_conversation(
    id: UUID, caller: CurrentUser, mute: MuteRequest = UNTIL_UNMUTED
) -> MuteState:
    """Mute a conversation

    The caller gets no notifications of the conversation, until the given time or until they unmute
    it. Events are still delivered, and other members learn nothing. If anything has changed, the
    caller's devices get `conversation.muted`.
    """
    async with database.autocommit() as tx:
        return await actions.mute_conversation(tx, caller=caller, conversation_id=id, mute=mute)


handler = lambda_handler(app)
