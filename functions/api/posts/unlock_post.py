"""DELETE /posts/{id}/lock"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId
from cgraph.forums.posts.management import actions
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.delete("/posts/{id}/lock", **json_body(Post))
async def unlock_post(id: PostId, caller: CurrentUser) -> str:
    """Unlock a post

    Returns the post, which takes comments again. Only the owner and moderators may unlock. Refused
    if the post is not locked (`not_locked`), and for a post of the owner unless the caller is the
    owner (`higher_rank`).
    """
    async with database.transaction() as tx:
        return await actions.unlock_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
