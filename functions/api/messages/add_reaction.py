"""PUT /messages/{id}/reactions/{emoji}"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.messages.reactions import actions
from cgraph.chat.messages.reactions.models import Emoji, Reactions
from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.put("/messages/{id}/reactions/{emoji}")
async def add_reaction(id: UUID, emoji: Emoji, caller: CurrentUser) -> Reactions:
    """At most 20 different ones on a message."""
    async with database.transaction() as tx:
        return await actions.add_reaction(tx, caller=caller, id=id, emoji=emoji)


handler = lambda_handler(app)
