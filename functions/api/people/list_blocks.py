"""GET /me/blocks"""

from cgraph.accounts.people.blocks import actions
from cgraph.accounts.people.models import User
from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, json_page, lambda_handler, new_app

app = new_app(policies.SIGNED_IN, limit=limits.READ, scope="profile:read")


@app.get("/me/blocks", **json_page(User))
async def list_blocks(caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None) -> str:
    """List the users whom the caller has blocked

    Last blocked first.
    """
    async with database.reading(caller) as tx:
        return await actions.list_blocks(tx, blocker=caller.id, cursor=cursor, limit=limit)


handler = lambda_handler(app)
