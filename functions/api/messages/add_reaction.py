"""PUT /messages/{id}/reactions/{emoji}"""

from uuid import UUID

from cgraph import database, limits, policies
from cgraph.http import CurrentUser, lambda_handler, new_app
from cgraph.reactions import actions
from cgraph.reactions.models import Emoji, Reactions

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.put("/messages/{id}/reactions/{emoji}")
async def add_reaction(id: UUID, emoji: Emoji, caller: CurrentUser) -> Reactions:
    """At most 20 different ones on a message."""
    async with database.transaction() as tx:
        return await actions.add_reaction(tx, caller=caller, id=id, emoji=emoji)


handler = lambda_handler(app)
