"""PUT /posts/{id}/lock"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId
from cgraph.forums.posts.management import actions
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.put("/posts/{id}/lock", **json_body(Post))
async def lock_post(id: PostId, caller: CurrentUser) -> str:
    """Lock a post

    Returns the post. On a locked post only the owner and moderators comment, and edit the post
    or its comments (`post_locked`); votes still count, and authors may delete what they wrote.
    Only the owner and moderators may lock. A locked post stays as it is. Refused for a deleted or
    removed post (`post_deleted`), and for a post of the owner unless the caller is the owner
    (`higher_rank`).
    """
    async with database.transaction() as tx:
        return await actions.lock_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
