"""POST /conversations"""

from fastapi import Response

from cgraph.chat.conversations import actions
from cgraph.chat.conversations.models import Conversation, ConversationDraft
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, mark_replay, new_app

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/conversations", status_code=201)
async def start_conversation(
    draft: ConversationDraft, caller: CurrentUser, response: Response
) -> Conversation:
    """Start a conversation

    Starts a group, or the direct conversation of two users, which exists once: if it is there,
    the answer is 200 with the existing conversation. Each member gets `conversation.joined`.

    A request with a `nonce` may be repeated: the answer is 200 with the first result. The same
    nonce with another body is refused.

    Refused if a member does not exist, and if one of the members has blocked the caller or the
    caller one of them.
    """
    async with database.autocommit() as tx:
        started = await actions.start_conversation(tx, creator=caller.id, draft=draft)
    mark_replay(response, replayed=started.existed)
    return started.conversation


handler = lambda_handler(app)
