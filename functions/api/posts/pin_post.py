"""PUT /posts/{id}/pin"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId
from cgraph.forums.posts.management import actions
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.put("/posts/{id}/pin", **json_body(Post))
async def pin_post(id: PostId, caller: CurrentUser) -> str:
    """Pin a post

    Returns the post. Pinned posts come first in the first page of their forum's list. Only the
    owner and moderators may pin; a pinned post stays as it is. Refused if the forum has 10 pinned
    posts (`too_many_pinned_posts`), and for a deleted or removed post (`post_deleted`).
    """
    async with database.transaction() as tx:
        return await actions.pin_post(tx, caller=caller, id=id)


handler = lambda_handler(app)
