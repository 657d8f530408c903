"""PATCH /comments/{id}"""

from uuid import UUID

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.forums.comments import actions
from cgraph.forums.comments.models import Comment, CommentEdit

app = new_app(policies.FORUM_AUTHOR, limit=limits.WRITE)


@app.patch("/comments/{id}")
async def edit_comment(
    id: UUID, edit: CommentEdit, caller: CurrentUser, response: Response
) -> Comment:
    """Only the version that one has seen."""
    async with database.transaction() as tx:
        edited = await actions.edit_comment(tx, caller=caller, id=id, edit=edit)
    mark_replay(response, replayed=edited.replayed)
    return edited.comment


handler = lambda_handler(app)
