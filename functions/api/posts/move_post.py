"""POST /posts/{id}/move"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId
from cgraph.forums.posts.management import actions
from cgraph.forums.posts.models import Post, PostMove

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.post("/posts/{id}/move", **json_body(Post))
async def move_post(id: PostId, move: PostMove, caller: CurrentUser) -> str:
    """Move a post to another forum

    Returns the post, which keeps its id, its comments and its votes. The caller must be owner
    or moderator of both forums. Tags that the other forum does not have are dropped, and the
    post is no longer pinned. Open reports and appeals about the post and its comments move with
    it. Refused for a deleted or removed post (`post_deleted`), and for a post of the owner
    unless the caller is the owner (`higher_rank`).
    """
    async with database.transaction() as tx:
        return await actions.move_post(tx, caller=caller, id=id, slug=move.forum)


handler = lambda_handler(app)
