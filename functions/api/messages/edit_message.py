"""PATCH /messages/{id}"""

from uuid import UUID

from fastapi import Response

from cgraph.chat import policies
from cgraph.chat.messages import actions
from cgraph.chat.messages.models import Message, MessageEdit
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, mark_replay, new_app

app = new_app(policies.AUTHOR, limit=limits.WRITE)


@app.patch("/messages/{id}")
async def edit_message(
    id: UUID, edit: MessageEdit, caller: CurrentUser, response: Response
) -> Message:
    """Edit a message

    Replaces the content and returns the message, whose `version` is one higher. Members get
    `message.updated`. The same edit sent again answers with the message as it is.

    Only the author can edit a message, within 24 hours. Refused if the message is deleted, if it
    has another version than the one that was edited, and in a direct conversation if one of the two
    has blocked the other.
    """
    async with database.autocommit() as tx:
        edited = await actions.edit_message(tx, caller=caller, id=id, edit=edit)
    mark_replay(response, replayed=edited.replayed)
    return edited.message


handler = lambda_handler(app)
