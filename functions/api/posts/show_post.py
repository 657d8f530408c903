"""GET /posts/{id}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId
from cgraph.forums.posts import actions
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_READER_OR_AUTHOR, limit=limits.READ)


@app.get("/posts/{id}", **json_body(Post))
async def show_post(id: PostId, caller: CurrentUser) -> str:
    """Show a post

    Returns the post as it is now; its id stays the same when it is moved to another forum. A
    deleted or removed post is returned as a tombstone; of a removed one, its author and the
    moderators still see the content. Authors can read their own post also without access to the
    forum.
    """
    async with database.reading(caller) as tx:
        return await actions.show_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
