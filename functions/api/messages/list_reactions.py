"""GET /messages/{id}/reactions/{emoji}"""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from cgraph.chat import policies
from cgraph.chat.messages.reactions import actions
from cgraph.chat.messages.reactions.models import EMOJI, Reaction
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/messages/{id}/reactions/{emoji}", **json_page(Reaction))
async def list_reactions(
    id: UUID,
    emoji: Annotated[str, Path(description=EMOJI)],
    caller: CurrentUser,
    limit: PageLimit = 20,
    cursor: PageCursor = None,
) -> str:
    """List who reacted to a message with an emoji

    A page of reactions, oldest first. The emoji is percent-encoded in the path, in any of its
    forms. The list of an emoji that nobody used, and of a deleted message, is empty. Refused if
    `emoji` is not one emoji of those that Unicode lists.
    """
    async with database.reading(caller) as tx:
        return await actions.list_reactions(
            tx, caller=caller, id=id, emoji=emoji, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
