"""DELETE /comments/{id}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.comments import actions
from cgraph.forums.comments.models import Comment
from cgraph.forums.parameters import CommentId

app = new_app(policies.FORUM_AUTHOR_ALWAYS, limit=limits.WRITE)


@app.delete("/comments/{id}", **json_body(Comment))
async def delete_comment(id: CommentId, caller: CurrentUser) -> str:
    """Delete a comment

    Deletes the text and the files of the comment and returns the tombstone, which keeps its
    place, so that its replies stay readable; without replies it leaves the tree after a day. Only
    the author may delete the comment, also while banned from the forum, or no longer able to read
    it. If it was the accepted answer, the post has none afterwards. A deleted comment stays
    deleted: sent again, the request returns the tombstone.
    """
    async with database.autocommit() as tx:
        return await actions.delete_comment(tx, caller=caller, id=id)


handler = lambda_handler(app)
