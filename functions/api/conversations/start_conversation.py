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
    """A group, or the one direct conversation between two people (200 where it was there)."""
    async with database.autocommit() as tx:
        started = await actions.start_conversation(tx, creator=caller.id, draft=draft)
    mark_replay(response, replayed=started.existed)
    return started.conversation


handler = lambda_handler(app)
