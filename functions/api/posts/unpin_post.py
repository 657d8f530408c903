"""DELETE /posts/{id}/pin"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId
from cgraph.forums.posts.management import actions
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.delete("/posts/{id}/pin", **json_body(Post))
async def unpin_post(id: PostId, caller: CurrentUser) -> str:
    """Unpin a post

    Returns the post. Only the owner and moderators may unpin. Refused if the post is not
    pinned (`not_pinned`).
    """
    async with database.transaction() as tx:
        return await actions.unpin_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
