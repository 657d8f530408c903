"""GET /conversations/{id}/messages"""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from cgraph.chat import policies
from cgraph.chat.messages import actions
from cgraph.chat.messages.models import Message
from cgraph.core import database, limits
from cgraph.core.fields import Seq
from cgraph.core.http import (
    CurrentUser,
    PageCursor,
    PageLimit,
    json_page,
    lambda_handler,
    new_app,
)

app = new_app(policies.MEMBER, limit=limits.READ)


@app.get("/conversations/{id}/messages", **json_page(Message))
async def list_messages(
    id: UUID,
    caller: CurrentUser,
    before: Annotated[
        Seq | None, Query(description="Only messages with a lower `seq`. Ignored with `after`.")
    ] = None,
    after: Annotated[Seq | None, Query(description="Only messages with a higher `seq`.")] = None,
    limit: PageLimit = 50,
    cursor: PageCursor = None,
) -> str:
    """List the messages of a conversation

    Newest first. With `after`, the messages that follow it, oldest first. `next` continues in the
    same direction. Deleted messages are listed as tombstones.
    """
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
