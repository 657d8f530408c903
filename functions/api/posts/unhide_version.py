"""DELETE /posts/{id}/versions/{version}/hidden"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.parameters import PostId, PostVersionNumber
from cgraph.forums.posts.management import actions
from cgraph.forums.posts.models import PostVersion

app = new_app(policies.FORUM_MODERATOR, limit=limits.WRITE)


@app.delete("/posts/{id}/versions/{version}/hidden", **json_body(PostVersion))
async def unhide_version(id: PostId, version: PostVersionNumber, caller: CurrentUser) -> str:
    """Show a hidden version of a post again

    Returns the version, which the author can read again. Refused if it is not hidden
    (`not_hidden`), for what the caller wrote (`own_case`), and for a post of the owner unless the
    caller is the owner (`higher_rank`).
    """
    async with database.transaction() as tx:
        return await actions.unhide_version(tx, caller=caller, id=id, version=version)


handler = lambda_handler(app)
