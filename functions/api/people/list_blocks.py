"""GET /me/blocks"""

from cgraph import database, limits, policies
from cgraph.blocks import actions
from cgraph.fields import Page
from cgraph.http import CurrentUser, PageCursor, PageLimit, lambda_handler, new_app
from cgraph.people.models import User

app = new_app(policies.SIGNED_IN, limit=limits.READ)


@app.get("/me/blocks")
async def list_blocks(
    caller: CurrentUser, limit: PageLimit = 20, cursor: PageCursor = None
) -> Page[User]:
    """Whom one has blocked, last blocked first."""
    async with database.reading() as tx:
        return await actions.list_blocks(tx, blocker=caller.id, cursor=cursor, limit=limit)


handler = lambda_handler(app)
