"""DELETE /posts/{id}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId
from cgraph.forums.posts import actions
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_AUTHOR_ALWAYS, limit=limits.WRITE)


@app.delete("/posts/{id}", **json_body(Post))
async def delete_post(id: PostId, caller: CurrentUser) -> str:
    """Delete a post

    Returns the tombstone. Only the author may delete the post, also while banned
    from the forum, or no longer able to read it. Its content and its history are
    erased; the comments under it stay readable. A deleted post stays deleted: sent again, the
    request returns the tombstone.
    """
    async with database.autocommit() as tx:
        return await actions.delete_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
