"""POST /messages"""

from fastapi import Response

from cgraph.chat import policies
from cgraph.chat.messages import actions
from cgraph.chat.messages.models import Message, MessageDraft
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, mark_replay, new_app

app = new_app(policies.MEMBER, limit=limits.SEND)


@app.post("/messages", status_code=201)
async def send_message(draft: MessageDraft, caller: CurrentUser, response: Response) -> Message:
    """Send a message

    Returns the message. Members get `message.created`, with which the author's typing ends. The
    message counts as read by its author.

    A request with a `nonce` may be repeated: the answer is 200 with the first message, and no
    second one is sent. The same nonce with another body is refused.

    Refused if `reply_to` is no message of the conversation, and in a direct conversation if one of
    the two has blocked the other.
    """
    async with database.autocommit() as tx:
        sent = await actions.send_message(tx, caller=caller, draft=draft)
    mark_replay(response, replayed=sent.replayed)
    return sent.message


handler = lambda_handler(app)
