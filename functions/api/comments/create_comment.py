"""POST /posts/{id}/comments"""

from uuid import UUID

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.forums.comments import actions
from cgraph.forums.comments.models import Comment, CommentDraft

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.SEND)


@app.post("/posts/{id}/comments", status_code=201)
async def create_comment(
    id: UUID, draft: CommentDraft, caller: CurrentUser, response: Response
) -> Comment:
    """Once: the same nonce again answers 200 with the comment as it is now."""
    async with database.transaction() as tx:
        made = await actions.create_comment(tx, caller=caller, post_id=id, draft=draft)
    mark_replay(response, replayed=made.replayed)
    return made.comment


handler = lambda_handler(app)
