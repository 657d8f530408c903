"""POST /appeals"""

from fastapi import Response

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, mark_replay, new_app
from cgraph.moderation.appeals import actions
from cgraph.moderation.appeals.models import Appeal, AppealDraft

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/appeals", status_code=201)
async def make_appeal(draft: AppealDraft, caller: CurrentUser, response: Response) -> Appeal:
    """Against a ban, or the removal of what one wrote: once each."""
    async with database.transaction() as tx:
        made = await actions.make_appeal(tx, caller=caller, draft=draft)
    mark_replay(response, replayed=made.replayed)
    return made.appeal


handler = lambda_handler(app)
