"""PUT /messages/{id}/reactions/{emoji}"""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from cgraph.chat import policies
from cgraph.chat.messages.reactions import actions
from cgraph.chat.messages.reactions.models import EMOJI, Reactions
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.put("/messages/{id}/reactions/{emoji}")
async def add_reaction(
    id: UUID,
    emoji: Annotated[str, Path(description=EMOJI)],
    caller: CurrentUser,
) -> Reactions:
    """Add a reaction to a message

    Returns the reactions to the message. The emoji is percent-encoded in the path. Adding the same
    reaction again, in whichever form of the emoji, changes nothing. Members get `message.reacted`,
    at most once in two seconds for a message.

    Refused if `emoji` is not one emoji of those that Unicode lists, if the message is deleted, if
    it has 20 different reactions, and in a direct conversation if one of the two has blocked the
    other.
    """
    async with database.transaction() as tx:
        return await actions.add_reaction(tx, caller=caller, id=id, emoji=emoji)


handler = lambda_handler(app)
