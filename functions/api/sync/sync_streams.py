"""POST /sync"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.sync import actions
from cgraph.sync.models import SyncReply, SyncRequest

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.post("/sync")
async def sync_streams(request: SyncRequest, caller: CurrentUser) -> SyncReply:
    """What each stream had after its cursor."""
    async with database.reading() as tx:
        return await actions.sync_streams(tx, caller=caller, request=request)


handler = lambda_handler(app)
