"""PUT /posts/{id}/vote"""

from uuid import UUID

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.votes import actions
from cgraph.forums.votes.models import VoteChoice, Votes

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.WRITE)


@app.put("/posts/{id}/vote")
async def vote_on_post(id: UUID, choice: VoteChoice, caller: CurrentUser) -> Votes:
    """Up (1), down (-1) or none (0), in place of what one voted before."""
    async with database.autocommit() as tx:
        return await actions.vote_on_post(tx, caller=caller, id=id, value=choice.value)


handler = lambda_handler(app)
