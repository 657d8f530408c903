"""PUT /forums/{slug}/membership"""

from cgraph.core import database, limits
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.forums import policies
from cgraph.forums.members import actions
from cgraph.forums.models import ForumView
from cgraph.forums.parameters import ForumSlug

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.WRITE)


@app.put("/forums/{slug}/membership", **json_body(ForumView))
async def join_forum(slug: ForumSlug, caller: CurrentUser) -> str:
    """Join a public forum

    Returns the forum. A caller who is a member already keeps their role. Banned users may not
    join; in a restricted or private forum only moderators add members (`not_allowed`): ask them
    with `PUT /forums/{slug}/membership/request`.
    """
    async with database.autocommit() as tx:
        return await actions.join_forum(tx, caller=caller, slug=slug)


handler = lambda_handler(app)
