"""GET /posts/{id}/versions"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId
from cgraph.forums.posts.models import PostVersion
from cgraph.forums.posts.versions import actions

app = new_app(policies.FORUM_MODERATOR_OR_AUTHOR_ALWAYS, limit=limits.READ)


@app.get("/posts/{id}/versions", **json_page(PostVersion))
async def list_versions(
    id: PostId, caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> str:
    """List the earlier versions of a post

    Returns a page of versions, each as the post was before an edit, the last one first. The
    current version is not among them. Only the author, the owner and the moderators may read
    them, and only the owner and the moderators the text of a hidden one. The list of a deleted
    post is empty, and that of a moderator who has blocked the author.
    """
    async with database.reading(caller) as tx:
        return await actions.list_versions(tx, caller=caller, id=id, cursor=cursor, limit=limit)


handler = lambda_handler(app)
