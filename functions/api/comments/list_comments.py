"""GET /posts/{id}/comments"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.comments.tree import actions
from cgraph.forums.comments.tree.models import CommentLevel, CommentSort
from cgraph.forums.parameters import LevelLimit, ParentId, PostId

app = new_app(policies.FORUM_READER, limit=limits.READ)


@app.get("/posts/{id}/comments", **json_body(CommentLevel))
async def list_comments(
    id: PostId,
    caller: CurrentUser,
    sort: CommentSort = CommentSort.BEST,
    parent: ParentId = None,
    limit: LevelLimit = 20,
    cursor: PageCursor = None,
) -> str:
    """List the comments of a post as a tree

    Returns a page of the replies to the post or to `parent`. Each of them carries its first
    three replies, and each of those its first three. Comments of an author whom the caller has
    blocked are collapsed: `blocked`, without their text. Deleted and removed comments are
    tombstones, and leave the tree after a day if they have no replies.

    Every level has a cursor of its own: to read on in the replies to a comment, pass the
    level's `next` with that comment as `parent` and the same `sort`. With `sort=best` the pages
    keep the order that the level had when the first page was read; such a cursor lasts at least
    15 minutes after that (`cursor_expired`).
    """
    async with database.reading(caller) as tx:
        return await actions.list_comments(
            tx, caller=caller, post_id=id, parent=parent, sort=sort, cursor=cursor, limit=limit
        )


handler = lambda_handler(app)
