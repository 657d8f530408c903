"""PUT /posts/{id}/versions/{version}/hidden"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId, PostVersionNumber
from cgraph.forums.posts.management import actions
from cgraph.forums.posts.models import PostVersion

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.put("/posts/{id}/versions/{version}/hidden", **json_body(PostVersion))
async def hide_version(id: PostId, version: PostVersionNumber, caller: CurrentUser) -> str:
    """Hide an earlier version of a post

    Returns the version. From now on only the owner and the moderators read its text; the author
    sees that it is hidden. A hidden version stays as it is. Refused for what the caller wrote
    (`own_case`), and for a post of the owner unless the caller is the owner (`higher_rank`).
    """
    async with database.transaction() as tx:
        return await actions.hide_version(tx, caller=caller, id=id, version=version)


handler = lambda_handler(app)
