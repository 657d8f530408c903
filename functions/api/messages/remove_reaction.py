"""DELETE /messages/{id}/reactions/{emoji}"""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from cgraph.chat import policies
from cgraph.chat.messages.reactions import actions
from cgraph.chat.messages.reactions.models import EMOJI, Reactions
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.delete("/messages/{id}/reactions/{emoji}")
async def remove_reaction(
    id: UUID,
    emoji: Annotated[str, Path(description=EMOJI)],
    caller: CurrentUser,
) -> Reactions:
    """Remove the caller's reaction from a message

    Returns the reactions to the message. If the caller has not reacted with this emoji, nothing
    changes. Members get `message.reacted`, at most once in two seconds for a message.

    Refused in a direct conversation if one of the two has blocked the other.
    """
    async with database.transaction() as tx:
        return await actions.remove_reaction(tx, caller=caller, id=id, emoji=emoji)


handler = lambda_handler(app)
