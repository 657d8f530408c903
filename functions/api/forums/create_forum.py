"""POST /forums"""

from fastapi import Response

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, RawJSONResponse, lambda_handler, mark_replay, new_app
from cgraph.forums import actions
from cgraph.forums.models import ForumDraft, ForumView

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post(
    "/forums",
    status_code=201,
    response_class=RawJSONResponse,
    response_model=None,
    responses={201: {"model": ForumView}},
)
async def create_forum(draft: ForumDraft, caller: CurrentUser, response: Response) -> str:
    """A forum of one's own: whoever creates it is its owner."""
    async with database.autocommit() as tx:
        founded = await actions.create_forum(tx, founder=caller.id, draft=draft)
    mark_replay(response, replayed=founded.existed)
    return founded.shown


handler = lambda_handler(app)
