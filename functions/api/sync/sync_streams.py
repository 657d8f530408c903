"""POST /sync"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, lambda_handler, new_app
from cgraph.sync import actions
from cgraph.sync.models import SyncReply, SyncRequest

app = new_app(policies.READER, limit=limits.READ, scope="events:read")


@app.post("/sync")
async def sync_streams(request: SyncRequest, caller: CurrentUser) -> SyncReply:
    """Fetch the events of streams after a position

    Returns for each stream the events after its cursor, in order and without gaps, at most `limit`
    in all streams together. `next` has the cursors of the next request for what did not fit.

    - A stream whose gap is longer than 1,000 events, or older than the log, is `limited`: its
      `snapshot` has the newest messages, and the client goes on from `to`.
    - A stream that the caller may not read is `gone`, and nothing else is said about it.
    """
    async with database.reading() as tx:
        return await actions.sync_streams(tx, caller=caller, request=request)


handler = lambda_handler(app)
