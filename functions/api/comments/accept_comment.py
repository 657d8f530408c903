"""PUT /posts/{id}/accept"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.comments import actions
from cgraph.forums.comments.models import CommentAcceptance
from cgraph.forums.parameters import PostId
from cgraph.forums.posts.models import Post

app = new_app(policies.FORUM_AUTHOR_OR_MODERATOR, limit=limits.WRITE)


@app.put("/posts/{id}/accept", **json_body(Post))
async def accept_comment(id: PostId, draft: CommentAcceptance, caller: CurrentUser) -> str:
    """Accept a comment as the answer to a post

    Returns the post. The author of the post, the owner and moderators may accept a comment; it
    replaces the comment that was accepted before, and null withdraws the acceptance. Refused
    for a deleted or removed post (`post_deleted`) or comment (`comment_deleted`), and for a
    comment that is not under the post (`comment_not_in_post`).
    """
    async with database.transaction() as tx:
        return await actions.accept_comment(
            tx, caller=caller, post_id=id, comment_id=draft.comment_id
        )


handler = lambda_handler(app)
