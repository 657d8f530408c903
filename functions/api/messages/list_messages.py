"""GET /conversations/{id}/messages"""

from uuid import UUID

from cgraph.chat import policies
from cgraph.chat.messages import actions
from cgraph.chat.messages.models import Message
from cgraph.core import database, limits
from cgraph.core.fields import Seq
from cgraph.core.http import CurrentUser, PageCursor, PageLimit, lambda_handler, new_app
from cgraph.core.pagination import Page

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
        return await actions.list_messages(
            tx,
            caller=caller,
            conversation_id=id,
            before=before,
            after=after,
            cursor=cursor,
            limit=limit,
        )


handler = lambda_handler(app)
