"""DELETE /messages/{id}"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.messages import actions
from cgraph.chat.messages.models import Message
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.AUTHOR_OR_ADMIN, limit=limits.WRITE)


@app.delete("/messages/{id}")
async def delete_message(id: UUID, caller: CurrentUser) -> Message:
    """Delete a message

    Returns the tombstone that keeps the message's place: without content, attachments, mentions and
    reactions. The content is also erased from the log of events, and earlier versions are deleted.
    The message no longer counts as unread. Members get `message.deleted`.
    Deleting a deleted message returns the tombstone again.

    The author can delete a message within 30 days, owners and admins of a group at any time.
    """
    async with database.autocommit() as tx:
        return await actions.delete_message(tx, caller=caller, id=id)


handler = lambda_handler(app)
