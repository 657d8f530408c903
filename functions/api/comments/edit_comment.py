"""PATCH /comments/{id}"""

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.forums.comments import actions
from cgraph.forums.comments.models import Comment, CommentEdit
from cgraph.forums.parameters import CommentId

app = new_app(policies.FORUM_AUTHOR, limit=limits.WRITE)


@app.patch("/comments/{id}", **json_body(Comment))
async def edit_comment(
    id: CommentId, edit: CommentEdit, caller: CurrentUser, response: Response
) -> str:
    """Edit a comment

    Returns the comment. Only the author may edit it. Files can be described anew, but neither
    added nor removed (`upload_not_found`).

    An edit that is not based on the current version is refused (`stale_version`). The same edit
    sent again changes nothing and answers with the header `Idempotent-Replayed: true`. Also
    refused: a deleted or removed comment (`comment_deleted`) or post (`post_deleted`), a locked
    post unless the caller is a moderator (`post_locked`), a text that a filter rejects
    (`filtered`).
    """
    async with database.autocommit() as tx:
        result = await actions.edit_comment(tx, caller=caller, id=id, edit=edit)
    mark_replay(response, replayed=result.replayed)
    return result.json


handler = lambda_handler(app)
