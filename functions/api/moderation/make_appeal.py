"""POST /appeals"""

from fastapi import Response

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, mark_replay, new_app
from cgraph.moderation.appeals import actions
from cgraph.moderation.appeals.models import Appeal, AppealDraft

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/appeals", status_code=201)
async def make_appeal(draft: AppealDraft, caller: CurrentUser, response: Response) -> Appeal:
    """Appeal against a ban or a removal

    Each ban of the caller and each removal of a post or comment of the caller can be appealed
    against once, while it is in force. Repeating the same text answers 200 with the appeal;
    another text is refused (`already_appealed`).
    """
    async with database.transaction() as tx:
        created = await actions.make_appeal(tx, caller=caller, draft=draft)
    mark_replay(response, replayed=created.replayed)
    return created.appeal


handler = lambda_handler(app)
