"""GET /conversations/{id}/messages"""

from uuid import UUID

from cgraph import database, limits, policies
from cgraph.fields import Page, Seq
from cgraph.http import CurrentUser, PageCursor, PageLimit, lambda_handler, new_app
from cgraph.messages import actions
from cgraph.messages.models import Message

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/conversations/{id}/messages")
async def list_messages(
    id: UUID,
    caller: CurrentUser,
    before: Seq | None = None,
    after: Seq | None = None,
    limit: PageLimit = 50,
    cursor: PageCursor = None,
) -> Page[Message]:
    """Newest first, or with `after` oldest first; `next` goes on in the same direction."""
    async with database.reading() as tx:
        return await actions.read_history(
            tx,
            caller=caller,
            conversation_id=id,
            before=before,
            after=after,
            cursor=cursor,
            limit=limit,
        )


handler = lambda_handler(app)
