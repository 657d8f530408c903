"""PATCH /posts/{id}"""

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId
from cgraph.forums.posts import actions
from cgraph.forums.posts.models import Post, PostEdit

app = new_app(policies.FORUM_AUTHOR, limit=limits.WRITE)


@app.patch("/posts/{id}", **json_body(Post))
async def edit_post(id: PostId, edit: PostEdit, caller: CurrentUser, response: Response) -> str:
    """Edit a post

    Returns the post. Only the author may edit it. The version before the edit goes into the
    post's history.

    An edit that is not based on the current version is refused (`stale_version`). The same edit
    sent again changes nothing and answers with the header `Idempotent-Replayed: true`. Also
    refused: a deleted or removed post (`post_deleted`), a locked one unless the caller is a
    moderator (`post_locked`), tags that the forum does not allow
    (`invalid_tags`), a text that a filter rejects (`filtered`).
    """
    async with database.autocommit() as tx:
        result = await actions.edit_post(tx, caller=caller, id=id, edit=edit)
    mark_replay(response, replayed=result.replayed)
    return result.json


handler = lambda_handler(app)
