"""POST /forums/{slug}/posts"""

from fastapi import Response

from cgraph.core import database, limits
from cgraph.core.fields import Slug
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, mark_replay, new_app
from cgraph.forums import policies
from cgraph.forums.posts import actions
from cgraph.forums.posts.models import Post, PostDraft

app = new_app(policies.FORUM_PARTICIPANT, limit=limits.WRITE)


@app.post(
    "/forums/{slug}/posts",
    status_code=201,
    response_class=RawJSONResponse,
    response_model=None,
    responses={201: {"model": Post}},
)
async def create_post(slug: Slug, draft: PostDraft, caller: CurrentUser, response: Response) -> str:
    """Text, a link or a poll. Writes once: the same nonce again answers 200 with the post."""
    async with database.transaction() as tx:
        posted = await actions.create_post(tx, caller=caller, slug=slug, draft=draft)
    mark_replay(response, replayed=posted.replayed)
    return posted.shown


handler = lambda_handler(app)
