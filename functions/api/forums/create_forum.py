"""POST /forums"""

from fastapi import Response

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_body, lambda_handler, mark_replay, new_app
from cgraph.forums import actions
from cgraph.forums.models import ForumDraft, ForumView

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/forums", **json_body(ForumView, status=201))
async def create_forum(draft: ForumDraft, caller: CurrentUser, response: Response) -> str:
    """Create a forum

    Returns the forum; the caller is its owner. Any signed-in user may create one.

    The same `nonce` with the same body creates one forum: a repeated request answers 200 with
    the forum as it is now and the header `Idempotent-Replayed: true`. Refused if another forum
    has the slug (`slug_taken`), and if the nonce was used with another body (`nonce_conflict`).
    """
    async with database.autocommit() as tx:
        result = await actions.create_forum(tx, owner_id=caller.id, draft=draft)
    mark_replay(response, replayed=result.replayed)
    return result.json


handler = lambda_handler(app)
