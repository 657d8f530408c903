"""PUT /comments/{id}/vote"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import CommentId
from cgraph.forums.votes import actions
from cgraph.forums.votes.models import VoteChoice, VoteTotals

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.WRITE)


@app.put("/comments/{id}/vote")
async def vote_on_comment(id: CommentId, choice: VoteChoice, caller: CurrentUser) -> VoteTotals:
    """Vote on a comment

    Returns the new totals. The vote replaces the caller's earlier one. Users who may post in
    the forum may vote; a locked post still takes votes. Refused for the author (`own_vote`) and
    for a deleted or removed comment or post (`comment_deleted`, `post_deleted`).
    """
    async with database.autocommit() as tx:
        return await actions.vote_on_comment(tx, caller=caller, id=id, value=choice.value)


handler = lambda_handler(app)
