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

    Returns the post. A locked post takes no new comments, and its comments cannot be edited
    (`post_locked`); votes still count. Only the owner and moderators may lock. Refused for a
    deleted or removed post (`post_deleted`).
    """
    async with database.transaction() as tx:
        return await actions.lock_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
