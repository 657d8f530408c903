"""GET /comments/{id}"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.comments import actions
from cgraph.forums.comments.models import CommentInContext
from cgraph.forums.parameters import CommentId

app = new_app(policies.FORUM_READER_OR_AUTHOR, limit=limits.READ)


@app.get("/comments/{id}", **json_body(CommentInContext))
async def show_comment(id: CommentId, caller: CurrentUser) -> str:
    """Show a comment

    Returns the comment with the comments above it. A deleted or removed comment is returned as
    a tombstone; of a removed one, its author and the moderators still see the text. Authors can
    read their own comment also without access to the forum.
    """
    async with database.reading(caller) as tx:
        return await actions.show_comment(tx, caller=caller, id=id)


handler = lambda_handler(app)
