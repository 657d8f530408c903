"""DELETE /messages/{id}/reactions/{emoji}"""

from uuid import UUID

from cgraph import database, limits, policies
from cgraph.http import CurrentUser, lambda_handler, new_app
from cgraph.reactions import actions
from cgraph.reactions.models import Emoji, Reactions

app = new_app(policies.MEMBER, limit=limits.WRITE)


@app.delete("/messages/{id}/reactions/{emoji}")
async def remove_reaction(id: UUID, emoji: Emoji, caller: CurrentUser) -> Reactions:
    """One's own."""
    async with database.transaction() as tx:
        return await actions.remove_reaction(tx, caller=caller, id=id, emoji=emoji)


handler = lambda_handler(app)
